// Element-wise functions of several tensors, with broadcasting.
#include <ATen/ATen.h>

#include <algorithm>

#include "ops.h"

namespace dreamreel::network {
namespace {

using BinaryFunction = at::Tensor (*)(const at::Tensor&, const at::Tensor&);

at::Tensor add(const at::Tensor& a, const at::Tensor& b) {
  return at::add(a, b);
}

at::Tensor subtract(const at::Tensor& a, const at::Tensor& b) {
  return at::sub(a, b);
}

at::Tensor multiply(const at::Tensor& a, const at::Tensor& b) {
  return at::mul(a, b);
}

/// Divides integers as C does. In C, the smallest integer divided by -1 would kill the process; here it gives
/// itself.
at::Tensor divide(const at::Tensor& a, const at::Tensor& b) {
  if (!at::isIntegralType(a.scalar_type(), true)) return at::div(a, b);
  if (!at::isIntegralType(b.scalar_type(), false)) return at::div(a, b, "trunc");
  const auto negates = at::eq(b, -1);
  return at::where(negates, at::neg(a), at::div(a, at::where(negates, at::ones_like(b), b), "trunc"));
}

/// The result has the base's type, whatever the exponent's type.
at::Tensor power(const at::Tensor& a, const at::Tensor& b) {
  return at::pow(a, b).to(a.scalar_type());
}

at::Tensor maximum(const at::Tensor& a, const at::Tensor& b) {
  return at::maximum(a, b);
}

at::Tensor minimum(const at::Tensor& a, const at::Tensor& b) {
  return at::minimum(a, b);
}

at::Tensor equal(const at::Tensor& a, const at::Tensor& b) {
  return at::eq(a, b);
}

at::Tensor greater(const at::Tensor& a, const at::Tensor& b) {
  return at::gt(a, b);
}

at::Tensor less(const at::Tensor& a, const at::Tensor& b) {
  return at::lt(a, b);
}

/// Moves `tensor` to the other's device. Numbers computed from shapes are on the CPU even if the picture is
/// not.
at::Tensor beside(const at::Tensor& tensor, const at::Tensor& other) {
  return tensor.device() == other.device() || tensor.dim() == 0 ? tensor : tensor.to(other.device());
}

template <BinaryFunction kFunction>
Kernel build_binary(const NodeView&) {
  return [](Inputs inputs) -> Outputs {
    const auto& a = inputs[0];
    const auto& b = inputs[1];
    check_broadcast(a, b);
    if (a.is_cpu()) return {kFunction(beside(a, b), b)};
    return {kFunction(a, beside(b, a))};
  };
}

/// Combines any number of inputs, from left to right.
template <BinaryFunction kFunction, bool kMean = false>
Kernel build_variadic(const NodeView&) {
  return [](Inputs inputs) -> Outputs {
    auto result = inputs[0];
    for (const auto& input : inputs.slice(1)) {
      check_broadcast(result, input);
      result = kFunction(result, input);
    }
    if (kMean) result = result / static_cast<double>(inputs.size());
    return {result};
  };
}

Kernel build_where(const NodeView&) {
  return [](Inputs inputs) -> Outputs {
    check_broadcast(inputs[0], inputs[1]);
    check_broadcast(inputs[1], inputs[2]);
    return {at::where(inputs[0].to(inputs[1].device()), inputs[1], beside(inputs[2], inputs[1]))};
  };
}

template <BinaryFunction kFunction>
void add_binary(OpTable& table, const char* name, bool fresh_output = false) {
  table[name] = {
      .build = build_binary<kFunction>, .min_inputs = 2, .max_inputs = 2, .fresh_output = fresh_output};
}

}  // namespace

void add_arithmetic_ops(OpTable& table) {
  add_binary<add>(table, "Add", true);
  add_binary<subtract>(table, "Sub", true);
  add_binary<multiply>(table, "Mul", true);
  add_binary<divide>(table, "Div");
  add_binary<power>(table, "Pow");
  add_binary<equal>(table, "Equal");
  add_binary<greater>(table, "Greater");
  add_binary<less>(table, "Less");
  table["Sum"] = {.build = build_variadic<add>, .min_inputs = 1, .max_inputs = kAnyCount};
  table["Mean"] = {.build = build_variadic<add, true>, .min_inputs = 1, .max_inputs = kAnyCount};
  table["Max"] = {.build = build_variadic<maximum>, .min_inputs = 1, .max_inputs = kAnyCount};
  table["Min"] = {.build = build_variadic<minimum>, .min_inputs = 1, .max_inputs = kAnyCount};
  table["Where"] = {.build = build_where, .min_inputs = 3, .max_inputs = 3};
}

}  // namespace dreamreel::network
