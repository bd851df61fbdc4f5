// Parts of a tensor: Slice, Gather, Range, Tile.
#include <ATen/ATen.h>

#include <algorithm>

#include "ops.h"

namespace dreamreel::network {
namespace {

/// One axis of a Slice: bounds counted and clamped as in Python; a negative step goes backwards.
at::Tensor slice_axis(const at::Tensor& x, std::int64_t axis, std::int64_t start, std::int64_t end,
                      std::int64_t step) {
  if (step == 0) throw Invalid("its step is 0");
  const auto size = x.size(axis);
  const auto low = step > 0 ? std::int64_t{0} : std::int64_t{-1};
  const auto place = [&](std::int64_t index) {
    return std::clamp<std::int64_t>(index < 0 ? index + size : index, low, size + low);
  };
  const auto first = place(start), last = place(end);
  if (step > 0) return x.slice(axis, first, std::max(first, last), step);
  if (first <= last) return x.slice(axis, 0, 0);
  return x.index_select(axis, at::arange(first, last, std::max(step, -size), x.options().dtype(at::kLong)));
}

/// Opset 7 has starts, ends and axes as attributes, 10 all of them and steps as inputs.
Kernel build_slice(const NodeView& node) {
  const IntegerList starts(node, "starts", 1), ends(node, "ends", 2), axes(node, "axes", 3),
      steps(node, "", 4);
  if (!starts.given() || !ends.given()) throw Invalid("its starts or ends are missing");
  return [=](Inputs inputs) -> Outputs {
    auto result = inputs[0];
    const auto first = *starts.get(inputs), last = *ends.get(inputs);
    const auto along = axes.get(inputs), step = steps.get(inputs);
    if (last.size() != first.size() || (along && along->size() != first.size()) ||
        (step && step->size() != first.size())) {
      throw Invalid("its starts, ends, axes and steps are not equally many");
    }
    for (std::size_t i = 0; i < first.size(); ++i) {
      const auto axis = normal_axis(along ? (*along)[i] : static_cast<std::int64_t>(i), result.dim());
      result = slice_axis(result, axis, first[i], last[i], step ? (*step)[i] : 1);
    }
    return {result};
  };
}

Kernel build_gather(const NodeView& node) {
  const auto axis = node.integer("axis", 0);
  return [axis](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto along = normal_axis(axis, x.dim());
    auto indices = inputs[1].to(x.device(), at::kLong);
    if (!indices.is_meta()) indices = at::where(indices < 0, indices + x.size(along), indices);
    auto sizes = x.sizes().vec();
    sizes.erase(sizes.begin() + along);
    sizes.insert(sizes.begin() + along, indices.sizes().begin(), indices.sizes().end());
    check_growth(sizes, x.numel());
    if (x.is_meta()) return {at::empty(sizes, x.options())};  // which has no index_select()
    return {x.index_select(along, indices.reshape({-1})).reshape(sizes)};
  };
}

Kernel build_range(const NodeView& node) {
  const Number start(node, "", 0), limit(node, "", 1), delta(node, "", 2);
  return [=](Inputs inputs) -> Outputs {
    const auto first = *start.get(inputs), last = *limit.get(inputs), step = *delta.get(inputs);
    if (step == 0) throw Invalid("its delta is 0");
    const auto count = std::max(0.0, std::ceil((last - first) / step));
    check_size({static_cast<std::int64_t>(std::min(count, 1e18))});
    const auto numbers = at::arange(static_cast<std::int64_t>(count), at::kDouble) * step + first;
    return {numbers.to(inputs[0].scalar_type())};
  };
}

Kernel build_tile(const NodeView& node) {
  const IntegerList repeats(node, "", 1);
  return [repeats](Inputs inputs) -> Outputs {
    const auto counts = *repeats.get(inputs);
    auto sizes = inputs[0].sizes().vec();
    if (counts.size() != sizes.size()) throw Invalid("its repeats do not fit its input");
    check_size(counts);
    for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] *= counts[i];
    check_size(sizes);
    return {inputs[0].repeat(counts)};
  };
}

}  // namespace

void add_slicing_ops(OpTable& table) {
  table["Slice"] = {.build = build_slice, .min_inputs = 1, .max_inputs = 5};
  table["Gather"] = {.build = build_gather, .min_inputs = 2, .max_inputs = 2};
  table["Range"] = {.build = build_range, .min_inputs = 3, .max_inputs = 3};
  table["Tile"] = {.build = build_tile, .min_inputs = 2, .max_inputs = 2};
}

}  // namespace dreamreel::network
