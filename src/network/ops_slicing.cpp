// Select or replace parts of a tensor: Slice, Gather, GatherElements, ScatterElements, ScatterND, Trilu. Also
// Range and Tile.
#include <ATen/ATen.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "ops.h"

namespace dreamreel::network {
namespace {

/// One axis of a Slice. Bounds are counted and clamped as in Python; a negative step goes backwards.
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

/// In opset 7, starts, ends and axes are attributes. In opset 10 they are inputs, and so are steps.
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
    if (x.is_meta()) return {at::empty(sizes, x.options())};  // the meta device has no index_select()
    return {x.index_select(along, indices.reshape({-1})).reshape(sizes)};
  };
}

/// How many numbers a Range has. As in ONNX's runtimes, integers are counted exactly and float32 numbers are
/// subtracted in float32.
double count_of_range(const at::Tensor& start, const at::Tensor& limit, const at::Tensor& delta) {
  const auto step = delta.to(at::kDouble).item<double>();
  if (step == 0) throw Invalid("its delta is 0");
  if (!at::isIntegralType(start.scalar_type(), false))
    return std::ceil((limit - start).to(at::kDouble).item<double>() / step);
  const auto first = start.item<std::int64_t>(), last = limit.item<std::int64_t>();
  if ((step > 0) != (last > first) || first == last) return 0;
  const auto distance = [](std::int64_t from, std::int64_t to) {  // may be more than an int64 holds
    return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  };
  const auto span = step > 0 ? distance(first, last) : distance(last, first);
  const auto each =
      step > 0 ? distance(0, delta.item<std::int64_t>()) : distance(delta.item<std::int64_t>(), 0);
  const std::uint64_t count = span / each + (span % each != 0 ? 1 : 0);
  return static_cast<double>(count);
}

at::Tensor small_number(Inputs inputs, std::size_t index) {
  const auto& number = inputs[index];
  if (number.numel() != 1 || number.is_meta())
    throw Invalid(fmt::format("expected one number for input {}", index));
  return number.to(at::kCPU).reshape({});
}

Kernel build_range(const NodeView&) {
  return [](Inputs inputs) -> Outputs {
    const auto start = small_number(inputs, 0), limit = small_number(inputs, 1),
               delta = small_number(inputs, 2);
    const auto type = inputs[0].scalar_type();
    if (limit.scalar_type() != type || delta.scalar_type() != type)
      throw Invalid("its numbers differ in type");
    const auto count = std::max(0.0, count_of_range(start, limit, delta));
    if (!std::isfinite(count)) throw Invalid("its numbers are not finite");
    check_size({static_cast<std::int64_t>(std::min(count, 1e18))});
    const auto wide = at::isIntegralType(type, false) ? at::kLong : at::kDouble;
    const auto numbers = at::arange(static_cast<std::int64_t>(count), wide);
    return {(numbers * delta.to(wide) + start.to(wide)).to(type)};
  };
}

/// Takes numbers along one axis, at an index of their own for each position.
Kernel build_gather_elements(const NodeView& node) {
  const auto axis = node.integer("axis", 0);
  return [axis](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto along = normal_axis(axis, x.dim());
    auto indices = inputs[1].to(x.device(), at::kLong);
    check_growth(indices.sizes(), x.numel());
    if (x.is_meta()) return {at::empty(indices.sizes(), x.options())};
    indices = at::where(indices < 0, indices + x.size(along), indices);
    return {x.gather(along, indices)};
  };
}

at::Tensor placed_indices(const at::Tensor& indices, const at::Tensor& x) {
  return indices.to(x.device(), at::kLong);
}

void check_places(const at::Tensor& places, std::int64_t size) {
  if (places.numel() > 0 &&
      (places.min().item<std::int64_t>() < 0 || places.max().item<std::int64_t>() >= size))
    throw Invalid(fmt::format("an index lies outside of a dimension of {}", size));
}

/// Whether updates are added to the numbers already there, or replace them.
bool adds(const NodeView& node) {
  const auto reduction = node.text("reduction", "none");
  if (reduction != "none" && reduction != "add")
    throw Unsupported(fmt::format("its reduction is '{}'", reduction));
  return reduction == "add";
}

/// Puts numbers along one axis at an index of their own for each position.
Kernel build_scatter_elements(const NodeView& node) {
  const auto axis = node.integer("axis", 0);
  const bool add = adds(node);
  return [axis, add](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto along = normal_axis(axis, x.dim());
    auto indices = placed_indices(inputs[1], x);
    indices = at::where(indices < 0, indices + x.size(along), indices);
    check_places(indices, x.size(along));
    return {add ? x.scatter_add(along, indices, inputs[2]) : x.scatter(along, indices, inputs[2])};
  };
}

/// Each row of indices selects a part of x by its indices along the first axes. The part takes one of the
/// updates.
Kernel build_scatter_nd(const NodeView& node) {
  const bool add = adds(node);
  return [add](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto indices = placed_indices(inputs[1], x);
    const auto named = indices.dim() > 0 ? indices.size(-1) : 0;
    if (named < 1 || named > x.dim()) throw Invalid("its indices do not fit its input");
    const auto rows = indices.reshape({-1, named});
    at::Tensor place = at::zeros({rows.size(0)}, indices.options());
    std::int64_t parts = 1;
    for (std::int64_t i = 0; i < named; ++i) {
      auto along = rows.select(1, i);
      along = at::where(along < 0, along + x.size(i), along);
      check_places(along, x.size(i));
      place = place * x.size(i) + along;
      parts *= x.size(i);
    }
    if (parts == 0 || x.numel() == 0) return {x};
    const auto flat = x.reshape({parts, -1});
    const auto updates = inputs[2].reshape({rows.size(0), flat.size(1)});
    const auto result = add ? flat.index_add(0, place, updates) : flat.index_copy(0, place, updates);
    return {result.reshape(x.sizes())};
  };
}

/// Keeps the numbers on the k-th diagonal of the last two axes, and those above or below it.
Kernel build_trilu(const NodeView& node) {
  const Number k(node, "", 1);
  const bool upper = node.integer("upper", 1) != 0;
  return [k, upper](Inputs inputs) -> Outputs {
    const auto diagonal = static_cast<std::int64_t>(std::clamp(k.get(inputs).value_or(0), -1e9, 1e9));
    return {upper ? inputs[0].triu(diagonal) : inputs[0].tril(diagonal)};
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
  table["GatherElements"] = {.build = build_gather_elements, .min_inputs = 2, .max_inputs = 2};
  table["ScatterElements"] = {
      .build = build_scatter_elements, .min_inputs = 3, .max_inputs = 3, .keeps_shape = true};
  table["ScatterND"] = {.build = build_scatter_nd, .min_inputs = 3, .max_inputs = 3, .keeps_shape = true};
  table["Trilu"] = {.build = build_trilu, .min_inputs = 1, .max_inputs = 2, .keeps_shape = true};
  table["Range"] = {.build = build_range, .min_inputs = 3, .max_inputs = 3};
  table["Tile"] = {.build = build_tile, .min_inputs = 2, .max_inputs = 2};
}

}  // namespace dreamreel::network
