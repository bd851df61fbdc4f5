// MaxPool, AveragePool and the global pools.
#include <ATen/ATen.h>
#include <fmt/core.h>

#include <limits>

#include "ops.h"
#include "sliding_window.h"

namespace dreamreel::network {
namespace {

/// Arguments with which at::max_pool2d and at::avg_pool2d place their windows as the node does. These
/// functions pad equally on both sides, by at most half a window, and clip a last window that reaches beyond
/// the input.
struct PlainPooling {
  std::vector<std::int64_t> kernel, stride, padding, dilation;
  bool ceil_mode = false;
};

std::int64_t plain_count(const AxisWindows& axis, std::int64_t size, bool ceil_mode) {
  const auto room = size + 2 * axis.before - axis.extent() + (ceil_mode ? axis.stride - 1 : 0);
  auto count = room < 0 ? 0 : room / axis.stride + 1;
  if (ceil_mode && (count - 1) * axis.stride >= size + axis.before) --count;
  return count;
}

/// Finds such arguments if they exist. Padded positions must not affect a window's result. Then padding after
/// the input matters only because it makes room for more windows.
std::optional<PlainPooling> find_plain(const std::vector<AxisWindows>& axes, at::IntArrayRef sizes) {
  PlainPooling plain{each(axes, &AxisWindows::kernel), each(axes, &AxisWindows::stride),
                     each(axes, &AxisWindows::before), each(axes, &AxisWindows::dilation), false};
  for (const bool ceil_mode : {false, true}) {
    bool fits = true;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      fits = fits && axes[i].before <= axes[i].kernel / 2 &&
             plain_count(axes[i], sizes[i], ceil_mode) == axes[i].count;
    }
    if (fits) {
      plain.ceil_mode = ceil_mode;
      return plain;
    }
  }
  return std::nullopt;
}

/// Pads with `value` so that exactly the windows of `axes` fit. Cuts off positions that no window reaches.
at::Tensor pad_to_fit(const at::Tensor& x, std::vector<AxisWindows> axes, double value) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    auto& axis = axes[i];
    const auto size = x.size(static_cast<std::int64_t>(i) + 2);
    axis.after = (axis.count - 1) * axis.stride + axis.extent() - size - axis.before;
  }
  return at::constant_pad_nd(x, pad_list(axes), value);
}

at::Tensor max_pool(const at::Tensor& x, const SlidingWindow& window) {
  const auto axes = window.place(x.sizes().slice(2), window.kernel());
  if (const auto plain = find_plain(axes, x.sizes().slice(2))) {
    return at::max_pool2d(x, plain->kernel, plain->stride, plain->padding, plain->dilation, plain->ceil_mode);
  }
  const auto padded = pad_to_fit(x, axes, -std::numeric_limits<double>::infinity());
  return at::max_pool2d(padded, each(axes, &AxisWindows::kernel), each(axes, &AxisWindows::stride), {0, 0},
                        each(axes, &AxisWindows::dilation));
}

/// How many positions each window along an axis averages over, as a tensor of `options`.
at::Tensor count_positions(const AxisWindows& axis, std::int64_t size, bool include_padding,
                           const at::TensorOptions& options) {
  const auto low = include_padding ? -axis.before : 0;
  const auto high = size + (include_padding ? axis.after : 0);
  std::vector<double> counts;
  for (std::int64_t i = 0; i < axis.count; ++i) {
    const auto begin = i * axis.stride - axis.before;
    const auto positions = std::min(begin + axis.kernel, high) - std::max(begin, low);
    counts.push_back(static_cast<double>(std::max<std::int64_t>(positions, 1)));
  }
  return at::tensor(counts, at::kDouble).to(options);
}

at::Tensor average_pool(const at::Tensor& x, const SlidingWindow& window, bool include_padding) {
  const auto sizes = x.sizes().slice(2);
  const auto axes = window.place(sizes, window.kernel());
  const bool symmetric = each(axes, &AxisWindows::before) == each(axes, &AxisWindows::after);
  if (const auto plain = find_plain(axes, sizes); plain && (symmetric || !include_padding)) {
    return at::avg_pool2d(x, plain->kernel, plain->stride, plain->padding, plain->ceil_mode, include_padding);
  }
  const auto sums = at::avg_pool2d(pad_to_fit(x, axes, 0), each(axes, &AxisWindows::kernel),
                                   each(axes, &AxisWindows::stride), {0, 0}, false, true, 1);
  const auto rows = count_positions(axes[0], sizes[0], include_padding, x.options());
  const auto columns = count_positions(axes[1], sizes[1], include_padding, x.options());
  return sums / (rows.unsqueeze(1) * columns);
}

double work_of_pooling(const at::Tensor& x, const SlidingWindow& window) {
  double work = static_cast<double>(x.size(0) * x.size(1));
  for (const auto& axis : window.place(x.sizes().slice(2), window.kernel()))
    work *= static_cast<double>(axis.count) * static_cast<double>(axis.kernel);
  return work;
}

/// Runs `pool` on (N,C,H,W), whatever the number of spatial axes, in a type that ATen can pool.
template <typename Pool>
Kernel pool_kernel(const NodeView& node, const Pool& pool) {
  SlidingWindow window(node);
  const auto rank = window.rank();
  if (rank == 0) throw Invalid("its kernel_shape is missing");
  if (rank > 2) throw Unsupported(fmt::format("it pools over {} dimensions", rank));
  if (rank == 1) window.lift_to_2d();
  return [window, rank, pool](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    if (x.dim() != static_cast<std::int64_t>(rank) + 2) {
      throw Invalid(fmt::format("expected an input of {} dimensions, found {}", rank + 2, x.dim()));
    }
    const auto lifted = rank == 1 ? x.unsqueeze(2) : x;
    check_work(work_of_pooling(lifted, window));
    const auto result = x.is_floating_point() ? pool(lifted, window)
                                              : pool(lifted.to(at::kDouble), window).to(x.scalar_type());
    return {rank == 1 ? result.squeeze(2) : result};
  };
}

Kernel build_max_pool(const NodeView& node) {
  if (node.has_output(1)) throw Unsupported("it gives the places of its maxima");
  return pool_kernel(node, max_pool);
}

Kernel build_average_pool(const NodeView& node) {
  for (const auto dilation : node.integers("dilations")) {
    if (dilation != 1) throw Unsupported("it averages with a dilation");
  }
  const bool include_padding = node.integer("count_include_pad", 0) != 0;
  return pool_kernel(node, [include_padding](const at::Tensor& x, const SlidingWindow& window) {
    return average_pool(x, window, include_padding);
  });
}

std::vector<std::int64_t> spatial_axes(const at::Tensor& x) {
  if (x.dim() < 3) throw Invalid(fmt::format("expected spatial dimensions, found an input of {}", x.dim()));
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 2; axis < x.dim(); ++axis) axes.push_back(axis);
  return axes;
}

Kernel build_global_average_pool(const NodeView&) {
  return [](Inputs inputs) -> Outputs { return {inputs[0].mean(spatial_axes(inputs[0]), true)}; };
}

Kernel build_global_max_pool(const NodeView&) {
  return [](Inputs inputs) -> Outputs { return {inputs[0].amax(spatial_axes(inputs[0]), true)}; };
}

}  // namespace

void add_pooling_ops(OpTable& table) {
  table["MaxPool"] = {.build = build_max_pool};
  table["AveragePool"] = {.build = build_average_pool};
  table["GlobalAveragePool"] = {.build = build_global_average_pool};
  table["GlobalMaxPool"] = {.build = build_global_max_pool};
}

}  // namespace dreamreel::network
