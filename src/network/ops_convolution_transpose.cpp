// ConvTranspose: a layer that does the backward pass of a convolution, and so enlarges maps.
#include <ATen/ATen.h>
#include <fmt/core.h>

#include "ops.h"
#include "sliding_window.h"

namespace dreamreel::network {
namespace {

struct Placing {
  std::vector<std::int64_t> strides, dilations, sizes;
  std::vector<std::int64_t> before, after;  ///< positions cut off; below 0, zeros added
};

Placing place(const SlidingWindow& window, const std::vector<std::int64_t>& more,
              const std::vector<std::int64_t>& wanted, const at::Tensor& x, const at::Tensor& weight) {
  const auto axes = window.place_transposed(x.sizes().slice(2), weight.sizes().slice(2), more, wanted);
  const auto field = [&](std::int64_t AxisWindows::*member) { return each(axes, member); };
  return {field(&AxisWindows::stride), field(&AxisWindows::dilation), field(&AxisWindows::count),
          field(&AxisWindows::before), field(&AxisWindows::after)};
}

void check_weights(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                   std::int64_t groups) {
  if (x.dim() < 3 || x.dim() > 5 || weight.dim() != x.dim() || x.size(1) != weight.size(0) ||
      weight.size(0) % groups != 0 ||
      (bias.defined() && (bias.dim() != 1 || bias.size(0) != weight.size(1) * groups))) {
    throw Invalid(fmt::format("its weights {} in {} groups do not fit an input of {}",
                              c10::str(weight.sizes()), groups, c10::str(x.sizes())));
  }
}

at::Tensor convolve_transposed(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                               const Placing& placing, std::int64_t groups) {
  std::vector<std::int64_t> sizes{x.size(0), weight.size(1) * groups};
  sizes.insert(sizes.end(), placing.sizes.begin(), placing.sizes.end());
  check_growth(sizes, x.numel());
  check_work(static_cast<double>(x.numel()) * static_cast<double>(weight.numel()) /
             static_cast<double>(weight.size(0)));
  if (x.is_meta()) return at::empty(sizes, x.options());
  const std::vector<std::int64_t> none(placing.strides.size(), 0);
  // ATen has no transposed convolution for 16-bit numbers on a CPU.
  const bool is_short = x.is_cpu() && is_short_float(x.scalar_type());
  const auto wide = [is_short](const at::Tensor& tensor) {
    return is_short ? tensor.to(at::kFloat) : tensor;
  };
  const auto all =
      at::convolution(wide(x), wide(weight), {}, placing.strides, none, placing.dilations, true, none, groups)
          .to(x.scalar_type());
  std::vector<std::int64_t> pads;  // the last axis first
  for (std::size_t i = placing.sizes.size(); i-- > 0;)
    pads.insert(pads.end(), {-placing.before[i], -placing.after[i]});
  auto result = at::constant_pad_nd(all, pads);
  if (!bias.defined()) return result;
  std::vector<std::int64_t> per_channel(static_cast<std::size_t>(x.dim() - 1), 1);
  per_channel[0] = -1;
  return result + bias.reshape(per_channel);
}

Kernel build_conv_transpose(const NodeView& node) {
  const SlidingWindow window(node);
  const auto groups = node.integer("group", 1);
  if (groups < 1) throw Invalid(fmt::format("expected at least 1 group, found {}", groups));
  const auto more = node.integers("output_padding"), wanted = node.integers("output_shape");
  return [=](Inputs inputs) -> Outputs {
    const auto bias = inputs.size() > 2 ? inputs[2] : at::Tensor();
    check_weights(inputs[0], inputs[1], bias, groups);
    return {convolve_transposed(inputs[0], inputs[1], bias, place(window, more, wanted, inputs[0], inputs[1]),
                                groups)};
  };
}

}  // namespace

void add_convolution_transpose_ops(OpTable& table) {
  table["ConvTranspose"] = {
      .build = build_conv_transpose, .min_inputs = 2, .max_inputs = 3, .fresh_output = true};
}

}  // namespace dreamreel::network
