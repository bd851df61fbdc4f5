#include "onnx_reader.h"

#include <fmt/core.h>
#include <onnx/onnx_pb.h>

#include <memory>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "onnx_file.h"
#include "onnx_nodes.h"
#include "onnx_tensor.h"

namespace dreamreel::network {
namespace {

class GraphReader {
 public:
  GraphReader(std::shared_ptr<const onnx::ModelProto> model, const std::string& source, ExternalFiles files)
      : model_(std::move(model)), files_(std::move(files)) {
    graph_.source = source;
  }

  Graph read() {
    if (!model_->has_graph() || model_->graph().node_size() == 0)
      fail("not an ONNX network: it has no nodes");
    read_opset();
    try {
      read_parts();
    } catch (const InputError& error) {
      fail(error.what());
    }
    return std::move(graph_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("network '{}': {}", graph_.source, what));
  }

  void read_opset() {
    for (const auto& import : model_->opset_import()) {
      if (import.domain().empty() || import.domain() == "ai.onnx") graph_.opset = import.version();
    }
    if (graph_.opset < kMinOpset) {
      throw UnavailableError(
          fmt::format("network '{}': it uses ONNX opset {}, dreamreel reads {} to {}; convert it with "
                      "onnx.version_converter",
                      graph_.source, graph_.opset, kMinOpset, kMaxOpset));
    }
    if (graph_.opset > kMaxOpset) {
      log_debug(fmt::format("network '{}' uses ONNX opset {}, newer than any that dreamreel was tested with",
                            graph_.source, graph_.opset));
    }
  }

  void read_parts() {
    NodeReader nodes(graph_, *model_, [this](const onnx::TensorProto& proto) { return tensor(proto); });
    read_constants(nodes);
    read_inputs(nodes);
    for (const auto& node : model_->graph().node()) nodes.read(node);
    for (const auto& output : model_->graph().output())
      graph_.outputs.push_back(nodes.find(output.name(), "the graph's outputs"));
  }

  at::Tensor tensor(const onnx::TensorProto& proto) { return read_tensor(proto, model_, files_); }

  void read_constants(NodeReader& nodes) {
    for (const auto& initializer : model_->graph().initializer()) {
      const auto id = nodes.make(initializer.name(), "an initialiser");
      graph_.constants.emplace(id, tensor(initializer));
    }
    if (model_->graph().sparse_initializer_size() > 0)
      throw InputError("sparse initialisers are not supported");
  }

  void read_inputs(NodeReader& nodes) {
    for (const auto& input : model_->graph().input()) {
      if (nodes.knows(input.name())) continue;  // old files also list initialisers as inputs
      GraphInput result{nodes.make(input.name(), "the graph's inputs"), {}, is_float(input.type())};
      for (const auto& dim : input.type().tensor_type().shape().dim())
        result.dims.push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value() : -1);
      graph_.inputs.push_back(std::move(result));
    }
  }

  static bool is_float(const onnx::TypeProto& type) {
    switch (type.tensor_type().elem_type()) {
      case onnx::TensorProto::UNDEFINED:
      case onnx::TensorProto::FLOAT:
      case onnx::TensorProto::DOUBLE:
      case onnx::TensorProto::FLOAT16:
      case onnx::TensorProto::BFLOAT16:
        return true;
      default:
        return false;
    }
  }

  std::shared_ptr<const onnx::ModelProto> model_;
  ExternalFiles files_;
  Graph graph_;
};

}  // namespace

Graph read_graph(std::shared_ptr<const onnx::ModelProto> model, const std::string& source,
                 const std::filesystem::path& folder) {
  return GraphReader(std::move(model), source, ExternalFiles::in(folder)).read();
}

Graph read_graph(const std::filesystem::path& path) {
  return GraphReader(parse_onnx_file(path), path.string(), ExternalFiles::beside(path)).read();
}

}  // namespace dreamreel::network
