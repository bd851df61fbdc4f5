// Builds small ONNX files for tests, node by node.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::test {

/// One graph with one input "picture" of dims (N,3,H,W), all but the channels left open.
class OnnxModel {
 public:
  explicit OnnxModel(std::int64_t opset = 13);

  /// Adds a node with one output that has the node's own name; returns it for its attributes.
  onnx::NodeProto& node(const std::string& op, const std::string& name,
                        const std::vector<std::string>& inputs);

  /// Adds a float32 initialiser; `values` in row-major order, as many as `dims` say.
  onnx::TensorProto& weights(const std::string& name, const std::vector<std::int64_t>& dims,
                             const std::vector<float>& values);
  /// Adds a 1-D int64 initialiser.
  onnx::TensorProto& integers(const std::string& name, const std::vector<std::int64_t>& values);

  /// Conv with square `kernel`, `padding` on every side, weights and bias named NAME.weight and NAME.bias
  /// whose values depend on the name alone and keep the size of activations (uniform, He et al. 2015).
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

/// `count` numbers in [-limit, limit) that depend on `seed` alone.
std::vector<float> pseudo_random(const std::string& seed, std::size_t count, float limit);

}  // namespace dreamreel::test
