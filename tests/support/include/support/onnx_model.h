// Builds small ONNX files for tests, node by node.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::test {

/// One graph with one input "picture" of dims (N,3,H,W); all dims but the channels are open.
class OnnxModel {
 public:
  explicit OnnxModel(std::int64_t opset = 13);

  /// Adds a node with one output, which has the node's name. Returns the node, so that the caller can add
  /// attributes.
  onnx::NodeProto& node(const std::string& op, const std::string& name,
                        const std::vector<std::string>& inputs);

  /// Adds a float32 initialiser. `values` are in row-major order, and as many as `dims` say.
  onnx::TensorProto& weights(const std::string& name, const std::vector<std::int64_t>& dims,
                             const std::vector<float>& values);
  /// Adds a 1-D int64 initialiser.
  onnx::TensorProto& integers(const std::string& name, const std::vector<std::int64_t>& values);

  /// Adds a Conv with a square `kernel` and `padding` on every side. Its weights and bias are named
  /// NAME.weight and NAME.bias. Their values depend only on the name and keep the size of activations
  /// (uniform, He et al. 2015).
  onnx::NodeProto& conv(const std::string& name, const std::string& input, std::int64_t in_channels,
                        std::int64_t out_channels, std::int64_t kernel, std::int64_t stride = 1,
                        std::int64_t padding = 0);

  void output(const std::string& value);
  onnx::ModelProto& proto() { return model_; }
  const onnx::ModelProto& proto() const { return model_; }
  onnx::GraphProto& graph() { return *model_.mutable_graph(); }
  std::filesystem::path write(const std::filesystem::path& path) const;

 private:
  onnx::ModelProto model_;
};

void set_int(onnx::NodeProto& node, const std::string& name, std::int64_t value);
void set_float(onnx::NodeProto& node, const std::string& name, float value);
void set_string(onnx::NodeProto& node, const std::string& name, const std::string& value);
void set_ints(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values);

/// `count` numbers in [-limit, limit) that depend only on `seed`.
std::vector<float> pseudo_random(const std::string& seed, std::size_t count, float limit);

}  // namespace dreamreel::test
