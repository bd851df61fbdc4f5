#include "sliding_window.h"

#include <fmt/core.h>

#include <algorithm>

namespace dreamreel::network {
namespace {

constexpr std::int64_t kHigh = 1 << 20;     // keeps every sum and product below far from overflow
constexpr std::int64_t kMostKernel = 4096;  // a window larger than any network's picture

void check_range(const std::vector<std::int64_t>& values, std::int64_t low, std::int64_t high,
                 const char* name) {
  for (const auto value : values) {
    if (value < low || value > high) {
      throw Invalid(fmt::format("expected {} of {} to {}, found {}", name, low, high, value));
    }
  }
}

/// Refuses a map that is mostly padding. No network has one, but a few bytes in a file could ask for a map of
/// any size.
void check_padding(const AxisWindows& axis, std::int64_t size) {
  if (axis.count > 4 * size + kMostKernel)
    throw Invalid(fmt::format("its padding makes {} positions of {} along an axis", axis.count, size));
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

}  // namespace

SlidingWindow::SlidingWindow(const NodeView& node)
    : kernel_(node.integers("kernel_shape")),
      strides_(node.integers("strides")),
      dilations_(node.integers("dilations")),
      ceil_mode_(node.integer("ceil_mode", 0) != 0) {
  const auto pads = node.integers("pads");
  before_.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2));
  after_.assign(pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2), pads.end());
  const auto auto_pad = node.text("auto_pad", "NOTSET");
  if (auto_pad == "SAME_UPPER")
    auto_pad_ = AutoPad::same_upper;
  else if (auto_pad == "SAME_LOWER")
    auto_pad_ = AutoPad::same_lower;
  else if (auto_pad == "VALID")
    auto_pad_ = AutoPad::valid;
  else if (auto_pad != "NOTSET" && !auto_pad.empty())
    throw Invalid(fmt::format("unknown auto_pad '{}'", auto_pad));
  check_range(kernel_, 1, kMostKernel, "a kernel size");
  check_range(strides_, 1, kHigh, "a stride");
  check_range(dilations_, 1, kHigh, "a dilation");
  check_range(pads, 0, kHigh, "a padding");
}

void SlidingWindow::lift_to_2d() {
  kernel_.insert(kernel_.begin(), 1);
  for (auto* list : {&strides_, &dilations_}) {
    if (!list->empty()) list->insert(list->begin(), 1);
  }
  for (auto* list : {&before_, &after_}) {
    if (!list->empty()) list->insert(list->begin(), 0);
  }
}

void SlidingWindow::check_ranks(at::IntArrayRef sizes, at::IntArrayRef kernel) const {
  const auto fits = [&](const std::vector<std::int64_t>& list) {
    return list.empty() || list.size() == sizes.size();
  };
  const bool kernel_agrees = kernel_.empty() || at::IntArrayRef(kernel_) == kernel;
  if (kernel.size() != sizes.size() || !kernel_agrees || !fits(strides_) || !fits(dilations_) ||
      !fits(before_) || !fits(after_)) {
    throw Invalid(fmt::format(
        "kernel, strides, dilations and pads do not fit an input of {} spatial dimensions", sizes.size()));
  }
}

std::vector<AxisWindows> SlidingWindow::place(at::IntArrayRef sizes, at::IntArrayRef kernel) const {
  check_ranks(sizes, kernel);
  std::vector<AxisWindows> axes;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis)
    axes.push_back(place_axis(axis, sizes[axis], kernel[axis]));
  return axes;
}

AxisWindows SlidingWindow::unpadded(std::size_t axis, std::int64_t kernel) const {
  const auto at = [axis](const std::vector<std::int64_t>& list) { return list.empty() ? 1 : list[axis]; };
  AxisWindows result;
  result.kernel = kernel;
  result.stride = at(strides_);
  result.dilation = at(dilations_);
  return result;
}

AxisWindows SlidingWindow::place_axis(std::size_t axis, std::int64_t size, std::int64_t kernel) const {
  auto result = unpadded(axis, kernel);
  if (auto_pad_ == AutoPad::same_upper || auto_pad_ == AutoPad::same_lower) {
    result.count = (size + result.stride - 1) / result.stride;
    const auto total = std::max<std::int64_t>((result.count - 1) * result.stride + result.extent() - size, 0);
    result.before = auto_pad_ == AutoPad::same_upper ? total / 2 : (total + 1) / 2;
    result.after = total - result.before;
  } else {
    if (auto_pad_ == AutoPad::none) {
      result.before = before_.empty() ? 0 : before_[axis];
      result.after = after_.empty() ? 0 : after_[axis];
    }
    const auto room =
        size + result.before + result.after - result.extent() + (ceil_mode_ ? result.stride - 1 : 0);
    result.count = floor_divide(room, result.stride) + 1;
    if (ceil_mode_ && (result.count - 1) * result.stride >= size + result.before) --result.count;
  }
  if (size < 1 || result.count < 1) {
    throw Invalid(fmt::format("its input is only {} px along an axis, too small for its window of {}", size,
                              result.extent()));
  }
  check_padding(result, size);
  return result;
}

std::vector<AxisWindows> SlidingWindow::place_transposed(at::IntArrayRef sizes, at::IntArrayRef kernel,
                                                         const std::vector<std::int64_t>& more,
                                                         const std::vector<std::int64_t>& wanted) const {
  check_ranks(sizes, kernel);
  check_range(more, 0, kHigh, "an output padding");
  check_range(wanted, 1, kHigh, "an output size");
  // Some files also give the sizes of batch and channels.
  const auto skipped = wanted.size() == sizes.size() + 2 ? std::size_t{2} : std::size_t{0};
  if ((!more.empty() && more.size() != sizes.size()) ||
      (!wanted.empty() && wanted.size() != sizes.size() + skipped))
    throw Invalid(fmt::format(
        "its output_padding or output_shape does not fit an input of {} spatial dimensions", sizes.size()));
  std::vector<AxisWindows> axes;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    auto axis = unpadded(i, kernel[i]);
    const auto all = (sizes[i] - 1) * axis.stride + axis.extent();
    const bool is_same = auto_pad_ == AutoPad::same_upper || auto_pad_ == AutoPad::same_lower;
    if (!wanted.empty() || is_same) {
      axis.count = wanted.empty() ? sizes[i] * axis.stride : wanted[i + skipped];
      const auto extra = more.empty() ? 0 : more[i];
      const auto total = std::max<std::int64_t>(all + extra - axis.count, 0);
      axis.before = auto_pad_ == AutoPad::same_upper ? total / 2 : total - total / 2;
    } else {
      const bool is_valid = auto_pad_ == AutoPad::valid;
      axis.before = is_valid || before_.empty() ? 0 : before_[i];
      const auto after = is_valid || after_.empty() ? 0 : after_[i];
      axis.count = all + (more.empty() ? 0 : more[i]) - axis.before - after;
    }
    axis.after = all - axis.before - axis.count;
    if (sizes[i] < 1 || axis.count < 1)
      throw Invalid(fmt::format("its padding leaves nothing of {} positions along an axis", all));
    axes.push_back(axis);
  }
  return axes;
}

std::vector<std::int64_t> each(const std::vector<AxisWindows>& axes, std::int64_t AxisWindows::*field) {
  std::vector<std::int64_t> values;
  for (const auto& axis : axes) values.push_back(axis.*field);
  return values;
}

std::vector<std::int64_t> pad_list(const std::vector<AxisWindows>& axes) {
  std::vector<std::int64_t> pads;
  std::for_each(axes.rbegin(), axes.rend(), [&](const AxisWindows& axis) {
    pads.push_back(axis.before);
    pads.push_back(axis.after);
  });
  return pads;
}

}  // namespace dreamreel::network
