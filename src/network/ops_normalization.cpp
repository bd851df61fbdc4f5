// Operators that bring numbers to a fixed mean or size: InstanceNormalization, GroupNormalization,
// LayerNormalization, RMSNormalization, MeanVarianceNormalization, LpNormalization.
#include <ATen/ATen.h>
#include <fmt/core.h>

#include <numeric>

#include "ops.h"

namespace dreamreel::network {
namespace {

void check_parameters(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& bias) {
  if (x.dim() < 2) throw Invalid("expected an input of at least 2 dimensions, found " + c10::str(x.sizes()));
  if (scale.dim() != 1 || bias.sizes() != scale.sizes())
    throw Invalid(fmt::format("its scale {} and bias {} do not fit each other", c10::str(scale.sizes()),
                              c10::str(bias.sizes())));
}

/// Ulyanov et al. 2016: a group normalisation with one channel in each group.
Kernel build_instance_norm(const NodeView& node) {
  const auto epsilon = node.number("epsilon", 1e-5);
  return [epsilon](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    check_parameters(x, inputs[1], inputs[2]);
    if (inputs[1].numel() != x.size(1))
      throw Invalid(fmt::format("its scale {} does not fit an input of {}", c10::str(inputs[1].sizes()),
                                c10::str(x.sizes())));
    return {at::group_norm(x, x.size(1), inputs[1], inputs[2], epsilon)};
  };
}

/// Wu, He 2018. Scale and bias have one number for each group in opset 18, and one for each channel from
/// opset 21 on. Some files declare opset 18 but follow opset 21.
Kernel build_group_norm(const NodeView& node) {
  const auto groups = node.integer("num_groups", 0);
  const auto epsilon = node.number("epsilon", 1e-5);
  if (groups < 1) throw Invalid(fmt::format("expected at least 1 group, found {}", groups));
  return [groups, epsilon](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    auto scale = inputs[1], bias = inputs[2];
    check_parameters(x, scale, bias);
    const auto channels = x.size(1);
    if (channels % groups != 0 || (scale.numel() != channels && scale.numel() != groups))
      throw Invalid(fmt::format("its {} groups and scale {} do not fit an input of {}", groups,
                                c10::str(scale.sizes()), c10::str(x.sizes())));
    if (scale.numel() != channels) {
      scale = scale.repeat_interleave(channels / groups);
      bias = bias.repeat_interleave(channels / groups);
    }
    return {at::group_norm(x, groups, scale, bias, epsilon)};
  };
}

/// The sizes from `axis` on, which are normalised together.
Sizes sizes_from(const at::Tensor& x, std::int64_t axis) {
  return x.sizes().slice(static_cast<std::size_t>(normal_axis(axis, x.dim()))).vec();
}

/// Ba et al. 2016. The mean and 1/deviation are outputs too.
Kernel build_layer_norm(const NodeView& node) {
  const auto axis = node.integer("axis", -1);
  const auto epsilon = node.number("epsilon", 1e-5);
  return [axis, epsilon](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto sizes = sizes_from(x, axis);
    if (x.is_meta()) {
      auto outer = x.sizes().vec();
      std::fill(outer.end() - static_cast<std::ptrdiff_t>(sizes.size()), outer.end(), 1);
      return {at::empty_like(x), at::empty(outer, x.options()), at::empty(outer, x.options())};
    }
    const auto& scale = inputs[1];
    const auto bias = inputs.size() > 2 ? inputs[2] : at::Tensor();
    const auto fits = [&](const at::Tensor& parameter) {
      return parameter.sizes() == at::IntArrayRef(sizes);
    };
    if (fits(scale) && (!bias.defined() || fits(bias))) {
      auto [y, mean, deviation] = at::native_layer_norm(x, sizes, scale, bias, epsilon);
      return {y, mean, deviation};
    }
    auto [y, mean, deviation] = at::native_layer_norm(x, sizes, {}, {}, epsilon);
    check_broadcast(y, scale);
    y = y * scale;
    if (bias.defined()) y = y + bias;
    if (y.sizes() != x.sizes())
      throw Invalid("its scale and bias do not fit an input of " + c10::str(x.sizes()));
    return {y, mean, deviation};
  };
}

Sizes axes_of(const Sizes& sizes, std::int64_t rank) {
  Sizes axes(sizes.size());
  std::iota(axes.begin(), axes.end(), rank - static_cast<std::int64_t>(sizes.size()));
  return axes;
}

/// Zhang, Sennrich 2019: a layer normalisation that does not subtract the mean.
Kernel build_rms_norm(const NodeView& node) {
  const auto axis = node.integer("axis", -1);
  const auto epsilon = node.number("epsilon", 1e-5);
  return [axis, epsilon](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto axes = axes_of(sizes_from(x, axis), x.dim());
    check_broadcast(x, inputs[1]);
    return {x * at::rsqrt(at::square(x).mean(axes, true) + epsilon) * inputs[1]};
  };
}

Kernel build_mean_variance(const NodeView& node) {
  auto axes = node.integers("axes");
  if (!node.has("axes")) axes = {0, 2, 3};
  return [axes](Inputs inputs) -> Outputs {
    constexpr double kLeastVariance = 1e-18;  // a flat map stays flat
    const auto centred = inputs[0] - inputs[0].mean(axes, true);
    return {centred * at::rsqrt(at::square(centred).mean(axes, true) + kLeastVariance)};
  };
}

Kernel build_lp_norm(const NodeView& node) {
  const auto axis = node.integer("axis", -1), p = node.integer("p", 2);
  if (p != 1 && p != 2) throw Invalid(fmt::format("expected a p of 1 or 2, found {}", p));
  return [axis, p](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    constexpr double kLeast = 1e-12;  // 0 stays 0
    const auto size = at::norm(x, at::Scalar(p), at::IntArrayRef{normal_axis(axis, x.dim())}, true);
    return {x / size.clamp_min(kLeast)};
  };
}

}  // namespace

void add_normalization_ops(OpTable& table) {
  table["InstanceNormalization"] = {
      .build = build_instance_norm, .min_inputs = 3, .max_inputs = 3, .keeps_shape = true};
  table["GroupNormalization"] = {
      .build = build_group_norm, .min_inputs = 3, .max_inputs = 3, .keeps_shape = true};
  table["LayerNormalization"] = {.build = build_layer_norm, .min_inputs = 2, .max_inputs = 3};
  table["RMSNormalization"] = {
      .build = build_rms_norm, .min_inputs = 2, .max_inputs = 2, .keeps_shape = true};
  table["MeanVarianceNormalization"] = {.build = build_mean_variance, .keeps_shape = true};
  table["LpNormalization"] = {.build = build_lp_norm, .keeps_shape = true};
}

}  // namespace dreamreel::network
