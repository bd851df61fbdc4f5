#include "support/onnx_model.h"

#include <cmath>
#include <fstream>
#include <stdexcept>

namespace dreamreel::test {
namespace {

onnx::AttributeProto& add_attribute(onnx::NodeProto& node, const std::string& name,
                                    onnx::AttributeProto::AttributeType type) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

OnnxModel::OnnxModel(std::int64_t opset) {
  model_.set_ir_version(8);
  model_.add_opset_import()->set_version(opset);
  graph().set_name("test");
  auto& picture = *graph().add_input();
  picture.set_name("picture");
  auto& type = *picture.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("N");
  type.mutable_shape()->add_dim()->set_dim_value(3);
  type.mutable_shape()->add_dim()->set_dim_param("H");
  type.mutable_shape()->add_dim()->set_dim_param("W");
}

onnx::NodeProto& OnnxModel::node(const std::string& op, const std::string& name,
                                 const std::vector<std::string>& inputs) {
  auto& node = *graph().add_node();
  node.set_op_type(op);
  node.set_name(name);
  for (const auto& input : inputs) node.add_input(input);
  node.add_output(name);
  return node;
}

onnx::TensorProto& OnnxModel::weights(const std::string& name, const std::vector<std::int64_t>& dims,
                                      const std::vector<float>& values) {
  auto& tensor = *graph().add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const auto dim : dims) tensor.add_dims(dim);
  for (const auto value : values) tensor.add_float_data(value);
  return tensor;
}

onnx::TensorProto& OnnxModel::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  auto& tensor = *graph().add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  for (const auto value : values) tensor.add_int64_data(value);
  return tensor;
}

onnx::NodeProto& OnnxModel::conv(const std::string& name, const std::string& input, std::int64_t in_channels,
                                 std::int64_t out_channels, std::int64_t kernel, std::int64_t stride,
                                 std::int64_t padding) {
  const auto fan_in = in_channels * kernel * kernel;
  const auto limit = std::sqrt(6.0F / static_cast<float>(fan_in));
  weights(name + ".weight", {out_channels, in_channels, kernel, kernel},
          pseudo_random(name + ".weight", static_cast<std::size_t>(out_channels * fan_in), limit));
  weights(name + ".bias", {out_channels},
          pseudo_random(name + ".bias", static_cast<std::size_t>(out_channels), 0.1F));
  auto& conv = node("Conv", name, {input, name + ".weight", name + ".bias"});
  set_ints(conv, "kernel_shape", {kernel, kernel});
  set_ints(conv, "strides", {stride, stride});
  set_ints(conv, "pads", {padding, padding, padding, padding});
  return conv;
}

void OnnxModel::output(const std::string& value) {
  graph().add_output()->set_name(value);
}

std::filesystem::path OnnxModel::write(const std::filesystem::path& path) const {
  std::ofstream file(path, std::ios::binary);
  if (!model_.SerializeToOstream(&file) || !file.flush()) {
    throw std::runtime_error("cannot write " + path.string());
  }
  return path;
}

void set_int(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  add_attribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void set_float(onnx::NodeProto& node, const std::string& name, float value) {
  add_attribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}

void set_string(onnx::NodeProto& node, const std::string& name, const std::string& value) {
  add_attribute(node, name, onnx::AttributeProto::STRING).set_s(value);
}

void set_ints(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
  auto& attribute = add_attribute(node, name, onnx::AttributeProto::INTS);
  for (const auto value : values) attribute.add_ints(value);
}

std::vector<float> pseudo_random(const std::string& seed, std::size_t count, float limit) {
  // FNV-1a makes the seed and SplitMix64 the numbers. Both are the same on every platform; <random>'s
  // distributions are not.
  std::uint64_t state = 0xcbf29ce484222325ULL;
  for (const char c : seed) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  std::vector<float> values(count);
  for (auto& value : values) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    const auto unit = static_cast<float>((z ^ (z >> 31)) >> 40) * 0x1p-24F;
    value = (2 * unit - 1) * limit;
  }
  return values;
}

}  // namespace dreamreel::test
