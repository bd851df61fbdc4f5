// Pad, Resize and Upsample.
#include <ATen/ATen.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "ops.h"
#include "resampling.h"

namespace dreamreel::network {
namespace {

at::Tensor index_along(const at::Tensor& x, std::int64_t axis, const std::vector<std::int64_t>& indices) {
  if (x.is_meta()) {  // the meta device has no index_select()
    auto sizes = x.sizes().vec();
    sizes[static_cast<std::size_t>(axis)] = static_cast<std::int64_t>(indices.size());
    return at::empty(sizes, x.options());
  }
  return x.index_select(axis, at::tensor(indices, at::kLong).to(x.device()));
}

/// The position that position `i` of a mirrored line comes from. The line has `size` positions; its ends are
/// not repeated.
std::int64_t reflect(std::int64_t i, std::int64_t size) {
  if (size == 1) return 0;
  const auto period = 2 * (size - 1);
  const auto folded = ((i % period) + period) % period;
  return folded < size ? folded : period - folded;
}

/// Works for every type and axis. ATen's own reflection does not.
at::Tensor pad_axis(const at::Tensor& x, std::int64_t axis, std::int64_t before, std::int64_t after,
                    bool mirrored) {
  const auto size = x.size(axis);
  if (size == 0) throw Invalid("there is nothing to continue its padding from");
  std::vector<std::int64_t> indices;
  for (std::int64_t i = -before; i < size + after; ++i) {
    indices.push_back(mirrored ? reflect(i, size) : std::clamp<std::int64_t>(i, 0, size - 1));
  }
  return index_along(x, axis, indices);
}

/// Begin and end pads of each axis of a tensor of rank `rank`. ONNX's list has all begins and then all ends
/// of `axes`.
std::vector<std::int64_t> spread_pads(const std::vector<std::int64_t>& pads,
                                      const std::optional<std::vector<std::int64_t>>& axes,
                                      std::int64_t rank) {
  const auto count = axes ? axes->size() : static_cast<std::size_t>(rank);
  if (pads.size() != 2 * count)
    throw Invalid(fmt::format("its pads do not fit an input of {} dimensions", rank));
  std::vector<std::int64_t> spread(2 * static_cast<std::size_t>(rank), 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto axis =
        static_cast<std::size_t>(axes ? normal_axis((*axes)[i], rank) : static_cast<std::int64_t>(i));
    constexpr std::int64_t kMaxPad = 1 << 20;
    for (const auto pad : {pads[i], pads[i + count]})
      if (pad < -kMaxPad || pad > kMaxPad) throw Invalid("its pads are absurd");
    spread[axis] = pads[i];
    spread[axis + static_cast<std::size_t>(rank)] = pads[i + count];
  }
  return spread;
}

/// Pads are attributes until opset 10, then inputs. Opset 18 adds axes.
Kernel build_pad(const NodeView& node) {
  const IntegerList pads(node, "pads", 1), axes(node, "", 3);
  const Number value(node, "value", 2);
  const auto mode = node.text("mode", "constant");
  if (!pads.given()) throw Invalid("its pads are missing");
  if (mode != "constant" && mode != "reflect" && mode != "edge")
    throw Unsupported(fmt::format("it pads with mode '{}'", mode));
  return [=](Inputs inputs) -> Outputs {
    auto x = inputs[0];
    const auto rank = x.dim();
    const auto spread = spread_pads(*pads.get(inputs), axes.get(inputs), rank);
    auto grown = x.sizes().vec();
    for (std::size_t axis = 0; axis < grown.size(); ++axis)
      grown[axis] += spread[axis] + spread[axis + grown.size()];
    check_growth(grown, x.numel());
    std::vector<std::int64_t> reversed;  // the last axis first, for constant_pad_nd
    for (auto axis = rank - 1; axis >= 0; --axis) {
      const auto before = spread[static_cast<std::size_t>(axis)],
                 after = spread[static_cast<std::size_t>(axis + rank)];
      reversed.insert(reversed.end(), {before, after});
      if (mode != "constant" && (before != 0 || after != 0))
        x = pad_axis(x, axis, before, after, mode == "reflect");
    }
    if (mode == "constant") return {at::constant_pad_nd(x, reversed, value.get(inputs).value_or(0))};
    return {x};
  };
}

at::Tensor resize_axis(const at::Tensor& x, std::int64_t axis, std::int64_t out, double scale,
                       const Sampling& sampling) {
  const auto samples = sample_axis(x.size(axis), out, scale, sampling);
  if (!sampling.linear) return index_along(x, axis, samples.low);
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(x.dim()), 1);
  sizes[static_cast<std::size_t>(axis)] = out;
  const auto weight = at::tensor(samples.weights, at::kDouble).to(x.options()).view(sizes);
  const auto below = index_along(x, axis, samples.low);
  return below +
         (index_along(x, axis, samples.high) - below) * weight;  // at::lerp has no bfloat16 on the CPU
}

/// Computed in float32, as ONNX does: 7 * float32(13/7) is 13 in float32 and less in double.
double scaled_size(std::int64_t size, double scale) {
  return std::floor(static_cast<float>(size) * static_cast<float>(scale));
}

/// Resizes every axis. If there are sizes, they are used; otherwise the scales.
at::Tensor resize(const at::Tensor& x, const std::optional<std::vector<std::int64_t>>& sizes,
                  const std::vector<double>& scales, const Sampling& sampling) {
  const auto rank = static_cast<std::size_t>(x.dim());
  if ((sizes ? sizes->size() : scales.size()) != rank || x.numel() == 0) {
    throw Invalid(fmt::format("its scales or sizes do not fit an input of {} dimensions", rank));
  }
  auto result = x;
  auto grown = x.sizes().vec();
  for (std::size_t i = 0; i < rank; ++i) {
    const auto axis = static_cast<std::int64_t>(i);
    const auto in = static_cast<double>(x.size(axis));
    const auto scale = sizes ? static_cast<double>((*sizes)[i]) / in : scales[i];
    const auto out = sizes ? static_cast<double>((*sizes)[i]) : scaled_size(x.size(axis), scale);
    constexpr double kMaxSize = 1 << 20;
    if (!(scale > 0) || !(out >= 1) || out > kMaxSize) throw Invalid("it resizes to an absurd size");
    grown[i] = static_cast<std::int64_t>(out);
    check_growth(grown, x.numel());
    if (scale != 1) result = resize_axis(result, axis, static_cast<std::int64_t>(out), scale, sampling);
  }
  return result;
}

std::vector<double> to_numbers(const at::Tensor& tensor) {
  constexpr std::int64_t kMaxRank = 64;
  if (tensor.is_meta() || tensor.numel() > kMaxRank) throw Invalid("expected a short list of scales");
  const auto numbers = tensor.to(at::kCPU, at::kDouble).contiguous();
  return {numbers.data_ptr<double>(), numbers.data_ptr<double>() + numbers.numel()};
}

/// Upsample has scales as an attribute (opset 7) or as input 1 (opset 9). Resize has scales as input 1 (opset
/// 10) or input 2 (opset 11), and sizes as input 3.
Kernel build_resize(const NodeView& node) {
  const auto sampling = read_sampling(node);
  const std::size_t scales_input = node.op() == "Resize" && node.opset() >= 11 ? 2 : 1;
  const IntegerList sizes(node, "", scales_input == 2 ? 3 : kAnyCount);
  const auto attribute = node.numbers("scales");
  const auto constant = node.constant(scales_input);
  return [=](Inputs inputs) -> Outputs {
    auto wanted = sizes.get(inputs);
    if (wanted && wanted->empty()) wanted.reset();
    auto scales = attribute;
    if (constant.defined())
      scales = to_numbers(constant);
    else if (scales_input < inputs.size() && inputs[scales_input].defined())
      scales = to_numbers(inputs[scales_input]);
    // index_select() gives planar memory, on which a later convolution is slower.
    const auto& x = inputs[0];
    return {resize(x, wanted, scales, sampling).contiguous(x.suggest_memory_format())};
  };
}

}  // namespace

void add_resampling_ops(OpTable& table) {
  table["Pad"] = {.build = build_pad, .min_inputs = 1, .max_inputs = 4};
  table["Resize"] = {.build = build_resize, .min_inputs = 1, .max_inputs = 4};
  table["Upsample"] = {.build = build_resize, .min_inputs = 1, .max_inputs = 2};
}

}  // namespace dreamreel::network
