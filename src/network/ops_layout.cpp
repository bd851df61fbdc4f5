// Operators that arrange the same numbers in another shape: Reshape, Flatten, Transpose, Squeeze, Unsqueeze,
// Concat, Split, Expand. Also Shape and Size.
#include <ATen/ATen.h>
#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "ops.h"

namespace dreamreel::network {
namespace {

/// A size of 0 keeps the input's size (unless `allow_zero`). A size of -1 takes the rest.
Kernel build_reshape(const NodeView& node) {
  const IntegerList shape(node, "shape", 1);
  if (!shape.given()) throw Invalid("its shape is missing");
  const bool allow_zero = node.integer("allowzero", 0) != 0;
  return [=](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    auto sizes = *shape.get(inputs);
    for (std::size_t i = 0; i < sizes.size() && !allow_zero; ++i) {
      if (sizes[i] != 0) continue;
      if (static_cast<std::int64_t>(i) >= x.dim())
        throw Invalid("its shape keeps a size that the input has not");
      sizes[i] = x.size(static_cast<std::int64_t>(i));
    }
    try {
      return {x.reshape(sizes)};
    } catch (const std::runtime_error& error) {
      throw Invalid(error.what());  // for this operator, LibTorch does not throw a c10::Error
    }
  };
}

/// Builds kReshapeLikeOp.
Kernel build_reshape_like(const NodeView& node) {
  const auto first = node.integers("first"), last = node.integers("last"), divisor = node.integers("divisor");
  return [=](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    Sizes sizes;
    for (std::size_t i = 0; i < divisor.size(); ++i) {
      std::int64_t size = 1;
      for (auto dim = first[i]; dim < last[i]; ++dim) size *= x.size(dim);
      if (divisor[i] > 0 && size % divisor[i] != 0)
        throw Invalid(fmt::format("it cuts a dimension of {} into pieces of {}", size, divisor[i]));
      sizes.push_back(divisor[i] > 0 ? size / divisor[i] : -divisor[i]);
    }
    return {x.reshape(sizes)};
  };
}

/// Merges all dimensions before `axis` into one, and all others into another.
Kernel build_flatten(const NodeView& node) {
  const auto axis = node.integer("axis", 1);
  return [axis](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto first = axis == x.dim() ? x.dim() : normal_axis(axis, x.dim());
    const auto sizes = x.sizes();
    const auto rows =
        std::accumulate(sizes.begin(), sizes.begin() + first, std::int64_t{1}, std::multiplies<>());
    const auto columns =
        std::accumulate(sizes.begin() + first, sizes.end(), std::int64_t{1}, std::multiplies<>());
    return {x.reshape({rows, columns})};
  };
}

Kernel build_transpose(const NodeView& node) {
  const auto order = node.integers("perm");
  return [order](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    if (!order.empty()) return {x.permute(order)};
    Sizes reversed(static_cast<std::size_t>(x.dim()));
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    return {x.permute(reversed)};
  };
}

Kernel build_squeeze(const NodeView& node) {
  const IntegerList axes(node, "axes", 1);
  return [axes](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto given = axes.get(inputs);
    if (!given) return {x.squeeze()};
    Sizes sizes = x.sizes().vec();
    for (const auto axis : *given) {
      auto& size = sizes[static_cast<std::size_t>(normal_axis(axis, x.dim()))];
      if (size != 1) throw Invalid(fmt::format("it squeezes a dimension of size {}", size));
      size = -1;  // marks it for removal
    }
    sizes.erase(std::remove(sizes.begin(), sizes.end(), -1), sizes.end());
    return {x.reshape(sizes)};
  };
}

Kernel build_unsqueeze(const NodeView& node) {
  const IntegerList axes(node, "axes", 1);
  if (!axes.given()) throw Invalid("its axes are missing");
  return [axes](Inputs inputs) -> Outputs {
    auto result = inputs[0];
    auto given = *axes.get(inputs);
    const auto rank = result.dim() + static_cast<std::int64_t>(given.size());
    for (auto& axis : given) axis = normal_axis(axis, rank);
    std::ranges::sort(given);
    for (const auto axis : given) result = result.unsqueeze(axis);
    return {result};
  };
}

Kernel build_concat(const NodeView& node) {
  if (!node.has("axis")) throw Invalid("its axis is missing");
  const auto axis = node.integer("axis", 0);
  return [axis](Inputs inputs) -> Outputs { return {at::cat(inputs, axis)}; };
}

/// Parts of given sizes: an attribute, or an input from opset 13 on. Without sizes, as many equal parts as
/// outputs; the last part may be smaller.
Kernel build_split(const NodeView& node) {
  const IntegerList parts(node, "split", 1);
  const auto axis = node.integer("axis", 0);
  const auto outputs = static_cast<std::int64_t>(node.output_count());
  return [=](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto along = normal_axis(axis, x.dim());
    if (const auto sizes = parts.get(inputs)) return x.split_with_sizes(*sizes, along);
    const auto part = (x.size(along) + outputs - 1) / outputs;
    Sizes sizes;
    for (std::int64_t begin = 0; begin < outputs; ++begin) {
      sizes.push_back(std::clamp<std::int64_t>(x.size(along) - begin * part, 0, part));
    }
    return x.split_with_sizes(sizes, along);
  };
}

/// Broadcasts in both directions: a size of 1 in the shape keeps the input's size.
Kernel build_expand(const NodeView& node) {
  const IntegerList shape(node, "", 1);
  return [shape](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    auto sizes = *shape.get(inputs);
    while (static_cast<std::int64_t>(sizes.size()) < x.dim()) sizes.insert(sizes.begin(), 1);
    for (std::int64_t back = 1; back <= x.dim(); ++back) {
      auto& size = sizes[sizes.size() - static_cast<std::size_t>(back)];
      if (size == 1) size = x.size(-back);
    }
    check_size(sizes);
    return {x.expand(sizes)};
  };
}

/// From opset 15 on, a part of the shape may be asked for. Its bounds are counted and clamped as in Python.
Kernel build_shape(const NodeView& node) {
  const auto start = node.integer("start", 0);
  const auto end = node.has("end") ? std::optional(node.integer("end", 0)) : std::nullopt;
  return [start, end](Inputs inputs) -> Outputs {
    const auto sizes = inputs[0].sizes();
    const auto rank = static_cast<std::int64_t>(sizes.size());
    const auto place = [rank](std::int64_t index) {
      return std::clamp<std::int64_t>(index < 0 ? index + rank : index, 0, rank);
    };
    const auto first = place(start);
    const auto last = std::max(first, end ? place(*end) : rank);
    return {at::tensor(sizes.slice(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first)),
                       at::kLong)};
  };
}

Kernel build_size(const NodeView&) {
  return [](Inputs inputs) -> Outputs { return {at::scalar_tensor(inputs[0].numel(), at::kLong)}; };
}

}  // namespace

void add_layout_ops(OpTable& table) {
  table["Reshape"] = {.build = build_reshape, .min_inputs = 1, .max_inputs = 2};
  table[kReshapeLikeOp] = {.build = build_reshape_like};
  table["Flatten"] = {.build = build_flatten};
  table["Transpose"] = {.build = build_transpose};
  table["Squeeze"] = {.build = build_squeeze, .min_inputs = 1, .max_inputs = 2};
  table["Unsqueeze"] = {.build = build_unsqueeze, .min_inputs = 1, .max_inputs = 2};
  table["Concat"] = {.build = build_concat, .min_inputs = 1, .max_inputs = kAnyCount};
  table["Split"] = {.build = build_split, .min_inputs = 1, .max_inputs = 2};
  table["Expand"] = {.build = build_expand, .min_inputs = 2, .max_inputs = 2};
  table["Shape"] = {.build = build_shape};
  table["Size"] = {.build = build_size};
}

}  // namespace dreamreel::network
