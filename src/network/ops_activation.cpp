// Operators on single numbers: activations and other unary operators.
#include <ATen/ATen.h>
#include <fmt/core.h>

#include <cmath>

#include "ops.h"

namespace dreamreel::network {
namespace {

/// For functions without attributes.
template <at::Tensor (*kFunction)(const at::Tensor&)>
Kernel build_unary(const NodeView&) {
  return [](Inputs inputs) -> Outputs { return {kFunction(inputs[0])}; };
}

template <at::Tensor (*kFunction)(const at::Tensor&)>
void add_unary(OpTable& table, const char* name) {
  table[name] = {.build = build_unary<kFunction>, .keeps_shape = true};
}

Kernel build_relu_in_place(const NodeView&) {
  return [](Inputs inputs) -> Outputs {
    auto x = inputs[0];  // a second handle to the same memory
    return {at::relu_(x)};
  };
}

Kernel build_leaky_relu(const NodeView& node) {
  const auto alpha = node.number("alpha", 0.01);
  return [alpha](Inputs inputs) -> Outputs { return {at::leaky_relu(inputs[0], alpha)}; };
}

Kernel build_prelu(const NodeView&) {
  return [](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    return {at::where(x > 0, x, x * inputs[1])};
  };
}

Kernel build_elu(const NodeView& node) {
  const auto alpha = node.number("alpha", 1);
  return [alpha](Inputs inputs) -> Outputs { return {at::elu(inputs[0], alpha)}; };
}

/// Klambauer et al. 2017. ONNX's defaults are the paper's numbers in single precision.
Kernel build_selu(const NodeView& node) {
  const auto alpha = node.number("alpha", 1.67326319217681884765625);
  const auto gamma = node.number("gamma", 1.05070102214813232421875);
  return [=](Inputs inputs) -> Outputs { return {at::elu(inputs[0], alpha, gamma)}; };
}

Kernel build_hard_sigmoid(const NodeView& node) {
  const auto alpha = node.number("alpha", 0.2), beta = node.number("beta", 0.5);
  return [=](Inputs inputs) -> Outputs { return {(inputs[0] * alpha + beta).clamp(0, 1)}; };
}

Kernel build_softplus(const NodeView&) {
  return [](Inputs inputs) -> Outputs { return {at::softplus(inputs[0])}; };
}

/// The limits are attributes in opset 6 and inputs from opset 11 on.
Kernel build_clip(const NodeView& node) {
  const Number low(node, "min", 1), high(node, "max", 2);
  return [=](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto min = low.get(inputs), max = high.get(inputs);
    if (!min && !max) return {x};
    if (at::isIntegralType(x.scalar_type(), true)) {
      const auto limit = [](double value) { return at::Scalar(static_cast<std::int64_t>(value)); };
      return {at::clamp(x, min ? c10::optional<at::Scalar>(limit(*min)) : c10::nullopt,
                        max ? c10::optional<at::Scalar>(limit(*max)) : c10::nullopt)};
    }
    // hardtanh, which is PyTorch's ReLU6, has a fused backward pass, but not for bfloat16 on the CPU.
    const bool has_hardtanh = !(x.is_cpu() && x.scalar_type() == at::kBFloat16);
    if (min && max && *min <= *max && has_hardtanh) return {at::hardtanh(x, *min, *max)};
    return {at::clamp(x, min ? c10::optional<at::Scalar>(*min) : c10::nullopt,
                      max ? c10::optional<at::Scalar>(*max) : c10::nullopt)};
  };
}

at::Tensor softsign(const at::Tensor& x) {
  return x / (1 + x.abs());
}

/// Hendrycks, Gimpel 2016.
Kernel build_gelu(const NodeView& node) {
  const auto approximate = node.text("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    throw Invalid(fmt::format("unknown approximation '{}'", approximate));
  return [approximate](Inputs inputs) -> Outputs { return {at::gelu(inputs[0], approximate)}; };
}

/// Misra 2019: x tanh(ln(1 + e^x)).
at::Tensor mish(const at::Tensor& x) {
  return x * at::tanh(at::softplus(x));
}

/// max(0, x) + min(0, alpha (e^(x / alpha) - 1)).
Kernel build_celu(const NodeView& node) {
  const auto alpha = node.number("alpha", 1);
  if (alpha == 0) throw Invalid("its alpha is 0");
  return [alpha](Inputs inputs) -> Outputs { return {at::celu(inputs[0], alpha)}; };
}

/// x sigmoid(alpha x).
Kernel build_swish(const NodeView& node) {
  const auto alpha = node.number("alpha", 1);
  return [alpha](Inputs inputs) -> Outputs {
    if (alpha == 1) return {at::silu(inputs[0])};
    return {inputs[0] * at::sigmoid(inputs[0] * alpha)};
  };
}

Kernel build_thresholded_relu(const NodeView& node) {
  const auto alpha = node.number("alpha", 1);
  return [alpha](Inputs inputs) -> Outputs { return {at::threshold(inputs[0], alpha, 0)}; };
}

/// 0 between -lambd and lambd. Other numbers move towards 0 by `bias`.
Kernel build_shrink(const NodeView& node) {
  const auto lambd = node.number("lambd", 0.5), bias = node.number("bias", 0);
  return [=](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto none = at::zeros({}, x.options());
    return {at::where(x < -lambd, x + bias, at::where(x > lambd, x - bias, none)).to(x.scalar_type())};
  };
}

}  // namespace

void add_activation_ops(OpTable& table) {
  table["Relu"] = {.build = build_unary<at::relu>, .keeps_shape = true, .fresh_output = false};
  table[kReluInPlaceOp] = {.build = build_relu_in_place, .keeps_shape = true};
  table["LeakyRelu"] = {.build = build_leaky_relu, .keeps_shape = true};
  table["PRelu"] = {.build = build_prelu, .min_inputs = 2, .max_inputs = 2, .keeps_shape = true};
  table["Elu"] = {.build = build_elu, .keeps_shape = true};
  table["Selu"] = {.build = build_selu, .keeps_shape = true};
  table["HardSigmoid"] = {.build = build_hard_sigmoid, .keeps_shape = true};
  table["Softplus"] = {.build = build_softplus, .keeps_shape = true};
  table["Clip"] = {.build = build_clip, .min_inputs = 1, .max_inputs = 3, .keeps_shape = true};
  table["Gelu"] = {.build = build_gelu, .keeps_shape = true};
  table["Celu"] = {.build = build_celu, .keeps_shape = true};
  table["Swish"] = {.build = build_swish, .keeps_shape = true};
  table["ThresholdedRelu"] = {.build = build_thresholded_relu, .keeps_shape = true};
  table["Shrink"] = {.build = build_shrink, .keeps_shape = true};
  add_unary<mish>(table, "Mish");
  add_unary<at::hardswish>(table, "HardSwish");
  add_unary<at::sigmoid>(table, "Sigmoid");
  add_unary<at::tanh>(table, "Tanh");
  add_unary<softsign>(table, "Softsign");
  add_unary<at::abs>(table, "Abs");
  add_unary<at::neg>(table, "Neg");
  add_unary<at::exp>(table, "Exp");
  add_unary<at::log>(table, "Log");
  add_unary<at::sqrt>(table, "Sqrt");
  add_unary<at::reciprocal>(table, "Reciprocal");
  add_unary<at::erf>(table, "Erf");
  add_unary<at::sin>(table, "Sin");
  add_unary<at::cos>(table, "Cos");
  add_unary<at::tan>(table, "Tan");
  add_unary<at::asin>(table, "Asin");
  add_unary<at::acos>(table, "Acos");
  add_unary<at::atan>(table, "Atan");
  add_unary<at::sinh>(table, "Sinh");
  add_unary<at::cosh>(table, "Cosh");
  add_unary<at::asinh>(table, "Asinh");
  add_unary<at::acosh>(table, "Acosh");
  add_unary<at::atanh>(table, "Atanh");
  add_unary<at::floor>(table, "Floor");
  add_unary<at::ceil>(table, "Ceil");
  add_unary<at::round>(table, "Round");
  add_unary<at::sign>(table, "Sign");
}

}  // namespace dreamreel::network
