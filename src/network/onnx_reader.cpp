#include "onnx_reader.h"

#include <fcntl.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx/onnx_pb.h>

#include <limits>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "onnx_tensor.h"

namespace dreamreel::network {
namespace {

std::shared_ptr<const onnx::ModelProto> parse_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    throw InputError("network '" + path.string() + "': there is no such file");
  if (std::filesystem::is_directory(status)) {
    throw InputError("network '" + path.string() + "': expected an .onnx file, found a folder");
  }
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw InputError("network '" + path.string() + "': cannot read the file");
  google::protobuf::io::FileInputStream file(descriptor);
  file.SetCloseOnDelete(true);
  google::protobuf::io::CodedInputStream stream(&file);
  stream.SetTotalBytesLimit(
      std::numeric_limits<int>::max());  // VGG's weights are 550 MB; protobuf's end is 2 GB
  auto model = std::make_shared<onnx::ModelProto>();
  if (!model->ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage() || file.GetErrno() != 0) {
    throw InputError(
        "network '" + path.string() +
        "': not a whole ONNX file; it is damaged, truncated or something else (fetch or export it again)");
  }
  return model;
}

class Reader {
 public:
  Reader(std::shared_ptr<const onnx::ModelProto> model, const std::string& source,
         std::filesystem::path folder)
      : model_(std::move(model)), folder_(std::move(folder)) {
    graph_.source = source;
  }

  Graph read() {
    if (!model_->has_graph() || model_->graph().node_size() == 0)
      fail("not an ONNX network: it has no nodes");
    read_opset();
    read_constants();
    read_inputs();
    for (const auto& node : model_->graph().node()) read_node(node);
    for (const auto& output : model_->graph().output()) {
      graph_.outputs.push_back(find(output.name(), "the graph's outputs"));
    }
    return std::move(graph_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError("network '" + graph_.source + "': " + what);
  }

  void read_opset() {
    for (const auto& import : model_->opset_import()) {
      if (import.domain().empty() || import.domain() == "ai.onnx") graph_.opset = import.version();
    }
    if (graph_.opset < kMinOpset) {
      throw UnavailableError("network '" + graph_.source + "': it uses ONNX opset " +
                             std::to_string(graph_.opset) + ", dreamreel reads " + std::to_string(kMinOpset) +
                             " to " + std::to_string(kMaxOpset) + "; convert it with onnx.version_converter");
    }
    if (graph_.opset > kMaxOpset) {
      log_debug("network '" + graph_.source + "' uses ONNX opset " + std::to_string(graph_.opset) +
                ", newer than any that dreamreel was tested with");
    }
  }

  ValueId make(const std::string& name, const std::string& maker) {
    const auto [entry, added] = ids_.try_emplace(name, static_cast<ValueId>(graph_.value_names.size()));
    if (!added) fail("the name '" + name + "' is made twice, the second time by " + maker);
    return graph_.add_value(name);
  }

  ValueId find(const std::string& name, const std::string& taker) const {
    const auto entry = ids_.find(name);
    if (entry == ids_.end()) {
      fail(taker + " takes '" + name +
           "', which nothing before it makes; the graph is damaged or not sorted");
    }
    return entry->second;
  }

  at::Tensor tensor(const onnx::TensorProto& tensor) const {
    try {
      return read_tensor(tensor, model_, folder_);
    } catch (const InputError& error) {
      fail(error.what());
    }
  }

  void read_constants() {
    for (const auto& initializer : model_->graph().initializer()) {
      const auto id = make(initializer.name(), "an initialiser");
      graph_.constants.emplace(id, tensor(initializer));
    }
    if (model_->graph().sparse_initializer_size() > 0) fail("sparse initialisers are not supported");
  }

  void read_inputs() {
    for (const auto& input : model_->graph().input()) {
      if (ids_.contains(input.name())) continue;  // old files list every initialiser here too
      GraphInput result{make(input.name(), "the graph's inputs"), {}};
      for (const auto& dim : input.type().tensor_type().shape().dim()) {
        result.dims.push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value() : -1);
      }
      graph_.inputs.push_back(std::move(result));
    }
  }

  void read_node(const onnx::NodeProto& proto) {
    Node node;
    node.name = proto.name();
    const bool own = proto.domain().empty() || proto.domain() == "ai.onnx";
    node.op = own ? proto.op_type() : proto.domain() + ":" + proto.op_type();
    const auto label = "node '" +
                       (node.name.empty() && proto.output_size() > 0 ? proto.output(0) : node.name) + "' (" +
                       node.op + ")";
    for (const auto& input : proto.input()) {
      node.inputs.push_back(input.empty() ? kNoValue : find(input, label));
    }
    for (const auto& output : proto.output()) {
      node.outputs.push_back(output.empty() ? kNoValue : make(output, label));
    }
    for (const auto& attribute : proto.attribute())
      node.attributes[attribute.name()] = read_attribute(attribute);
    graph_.nodes.push_back(std::move(node));
  }

  Attribute read_attribute(const onnx::AttributeProto& attribute) const {
    switch (attribute.type()) {
      case onnx::AttributeProto::INT:
        return attribute.i();
      case onnx::AttributeProto::FLOAT:
        return static_cast<double>(attribute.f());
      case onnx::AttributeProto::STRING:
        return attribute.s();
      case onnx::AttributeProto::INTS:
        return std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
      case onnx::AttributeProto::FLOATS:
        return std::vector<double>(attribute.floats().begin(), attribute.floats().end());
      case onnx::AttributeProto::TENSOR:
        return tensor(attribute.t());
      default:
        return std::monostate{};
    }
  }

  std::shared_ptr<const onnx::ModelProto> model_;
  std::filesystem::path folder_;
  Graph graph_;
  std::unordered_map<std::string, ValueId> ids_;
};

}  // namespace

Graph read_graph(std::shared_ptr<const onnx::ModelProto> model, const std::string& source,
                 const std::filesystem::path& folder) {
  return Reader(std::move(model), source, folder).read();
}

Graph read_graph(const std::filesystem::path& path) {
  return read_graph(parse_file(path), path.string(), path.parent_path());
}

}  // namespace dreamreel::network
