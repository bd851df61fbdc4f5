// Operators that give stored numbers, convert them or pass them on: Constant, DequantizeLinear, Cast,
// Identity, Dropout.
#include <ATen/ATen.h>
#include <onnx/onnx_pb.h>

#include "ops.h"

namespace dreamreel::network {
namespace {

Kernel build_constant(const NodeView& node) {
  at::Tensor value = node.tensor("value");
  if (node.has("value_float")) value = at::scalar_tensor(node.number("value_float", 0), at::kFloat);
  if (node.has("value_int")) value = at::scalar_tensor(node.integer("value_int", 0), at::kLong);
  if (node.has("value_floats")) value = at::tensor(node.numbers("value_floats"), at::kFloat);
  if (node.has("value_ints")) value = at::tensor(node.integers("value_ints"), at::kLong);
  if (!value.defined()) throw Unsupported("it has no numbers that dreamreel reads");
  return [value](Inputs) -> Outputs { return {value}; };
}

Kernel build_constant_of_shape(const NodeView& node) {
  auto value = node.tensor("value");
  if (!value.defined()) value = at::zeros({1}, at::kFloat);
  if (value.numel() != 1) throw Invalid("expected one number for its value");
  const IntegerList shape(node, "", 0);
  return [value, shape](Inputs inputs) -> Outputs {
    const auto sizes = *shape.get(inputs);
    check_size(sizes);
    return {value.reshape({1}).expand({1}).reshape({}).expand(sizes).contiguous()};
  };
}

/// (x - zero_point) * scale, with one scale for all numbers or one for each position along `axis`.
Kernel build_dequantize(const NodeView& node) {
  const auto axis = node.integer("axis", 1);
  if (node.integer("block_size", 0) != 0) throw Unsupported("it is quantised in blocks");
  return [axis](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto along_axis = [&](const at::Tensor& parameter) {
      if (parameter.numel() == 1) return parameter.reshape({});
      std::vector<std::int64_t> sizes(static_cast<std::size_t>(x.dim()), 1);
      sizes[static_cast<std::size_t>(normal_axis(axis, x.dim()))] = parameter.numel();
      return parameter.reshape(sizes);
    };
    const auto scale = along_axis(inputs[1]);
    const bool shifted = inputs.size() > 2 && inputs[2].defined();
    // 8-bit numbers and their differences are exact in every type except bfloat16, and int32 is exact in
    // double.
    auto wide = x.to(at::kDouble);
    if (shifted) wide = wide - along_axis(inputs[2]).to(at::kDouble);
    return {(wide * scale.to(at::kDouble)).to(scale.scalar_type())};
  };
}

at::ScalarType type_named(std::int64_t data_type) {
  switch (data_type) {
    case onnx::TensorProto::FLOAT:
      return at::kFloat;
    case onnx::TensorProto::DOUBLE:
      return at::kDouble;
    case onnx::TensorProto::FLOAT16:
      return at::kHalf;
    case onnx::TensorProto::BFLOAT16:
      return at::kBFloat16;
    case onnx::TensorProto::INT8:
      return at::kChar;
    case onnx::TensorProto::UINT8:
      return at::kByte;
    case onnx::TensorProto::INT16:
      return at::kShort;
    case onnx::TensorProto::INT32:
      return at::kInt;
    case onnx::TensorProto::INT64:
      return at::kLong;
    case onnx::TensorProto::BOOL:
      return at::kBool;
    default:
      throw Unsupported("it casts to a type that dreamreel does not have");
  }
}

/// If the network runs in a type of its own, a cast to a floating-point type becomes a cast to that type.
Kernel build_cast(const NodeView& node) {
  auto type = type_named(node.integer("to", onnx::TensorProto::UNDEFINED));
  if (node.float_type() && at::isFloatingType(type)) type = *node.float_type();
  return [type](Inputs inputs) -> Outputs { return {inputs[0].to(type)}; };
}

Kernel build_identity(const NodeView&) {
  return [](Inputs inputs) -> Outputs { return {inputs[0]}; };
}

/// Only passes its input on, as in a trained network. A Dropout in training mode that drops nothing is also
/// accepted; Swin's attention has such nodes.
Kernel build_dropout(const NodeView& node) {
  const auto ratio = node.constant(1);
  const bool drops_nothing = ratio.defined() && ratio.numel() == 1 && ratio.item<double>() == 0;
  if (node.has_input(2) && !drops_nothing) {
    const auto training = node.constant(2);
    if (!training.defined() || to_integers(training) != std::vector<std::int64_t>{0}) {
      throw Unsupported("it is in training mode");
    }
  }
  const bool has_mask = node.has_output(1);
  return [has_mask](Inputs inputs) -> Outputs {
    if (!has_mask) return {inputs[0]};
    return {inputs[0], at::ones(inputs[0].sizes(), inputs[0].options().dtype(at::kBool))};
  };
}

}  // namespace

void add_constant_ops(OpTable& table) {
  table["Constant"] = {.build = build_constant, .min_inputs = 0, .max_inputs = 0};
  table["ConstantOfShape"] = {.build = build_constant_of_shape};
  table["DequantizeLinear"] = {.build = build_dequantize, .min_inputs = 2, .max_inputs = 3};
  table["Cast"] = {.build = build_cast};
  table["Identity"] = {.build = build_identity};
  table["Dropout"] = {.build = build_dropout, .min_inputs = 1, .max_inputs = 3};
}

}  // namespace dreamreel::network
