// Truth values: And, Or, Xor, Not, IsNaN and comparisons. Also Mod, which computes indices.
#include <ATen/ATen.h>

#include "ops.h"

namespace dreamreel::network {
namespace {

using LogicFunction = at::Tensor (*)(const at::Tensor&, const at::Tensor&);

template <LogicFunction kFunction>
Kernel build_logic(const NodeView&) {
  return [](Inputs inputs) -> Outputs {
    const auto& a = inputs[0];
    const auto& b = inputs[1];
    check_broadcast(a, b);
    return {kFunction(a, b.to(a.device()))};
  };
}

Kernel build_not(const NodeView&) {
  return [](Inputs inputs) -> Outputs { return {at::logical_not(inputs[0])}; };
}

Kernel build_is_nan(const NodeView&) {
  return [](Inputs inputs) -> Outputs { return {at::ne(inputs[0], inputs[0])}; };
}

/// The result has the divisor's sign, or it follows C's fmod().
Kernel build_mod(const NodeView& node) {
  const bool as_in_c = node.integer("fmod", 0) != 0;
  return [as_in_c](Inputs inputs) -> Outputs {
    const auto& a = inputs[0];
    const auto b = inputs[1].to(a.device());
    check_broadcast(a, b);
    if (!at::isIntegralType(a.scalar_type(), true)) return {as_in_c ? at::fmod(a, b) : at::remainder(a, b)};
    // The smallest integer modulo -1 would kill the process. Modulo -1 and modulo 1 give the same: 0.
    const auto divisor = at::where(at::eq(b, -1), at::ones_like(b), b);
    return {as_in_c ? at::fmod(a, divisor) : at::remainder(a, divisor)};
  };
}

template <LogicFunction kFunction>
void add_logic(OpTable& table, const char* name) {
  table[name] = {.build = build_logic<kFunction>, .min_inputs = 2, .max_inputs = 2};
}

}  // namespace

void add_logic_ops(OpTable& table) {
  add_logic<at::logical_and>(table, "And");
  add_logic<at::logical_or>(table, "Or");
  add_logic<at::logical_xor>(table, "Xor");
  add_logic<at::ge>(table, "GreaterOrEqual");
  add_logic<at::le>(table, "LessOrEqual");
  table["Not"] = {.build = build_not};
  table["IsNaN"] = {.build = build_is_nan};
  table["Mod"] = {.build = build_mod, .min_inputs = 2, .max_inputs = 2};
}

}  // namespace dreamreel::network
