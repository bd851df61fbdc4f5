#include "window.h"

#include <algorithm>

namespace dreamreel::network {
namespace {

void check_range(const std::vector<std::int64_t>& values, std::int64_t low, const char* name) {
  constexpr std::int64_t kHigh = 1 << 20;  // keeps every sum and product below far from overflow
  for (const auto value : values) {
    if (value < low || value > kHigh) {
      throw Invalid("expected " + std::string(name) + " of at least " + std::to_string(low) + ", found " +
                    std::to_string(value));
    }
  }
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

}  // namespace

Window::Window(const NodeView& node)
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
    throw Invalid("unknown auto_pad '" + auto_pad + "'");
  check_range(kernel_, 1, "a kernel size");
  check_range(strides_, 1, "a stride");
  check_range(dilations_, 1, "a dilation");
  check_range(pads, 0, "a padding");
}

void Window::lift_to_2d() {
  kernel_.insert(kernel_.begin(), 1);
  for (auto* list : {&strides_, &dilations_}) {
    if (!list->empty()) list->insert(list->begin(), 1);
  }
  for (auto* list : {&before_, &after_}) {
    if (!list->empty()) list->insert(list->begin(), 0);
  }
}

std::vector<AxisWindows> Window::place(at::IntArrayRef sizes, at::IntArrayRef kernel) const {
  const auto fits = [&](const std::vector<std::int64_t>& list) {
    return list.empty() || list.size() == sizes.size();
  };
  const bool kernel_agrees = kernel_.empty() || at::IntArrayRef(kernel_) == kernel;
  if (kernel.size() != sizes.size() || !kernel_agrees || !fits(strides_) || !fits(dilations_) ||
      !fits(before_) || !fits(after_)) {
    throw Invalid("kernel, strides, dilations and pads do not fit an input of " +
                  std::to_string(sizes.size()) + " spatial dimensions");
  }
  std::vector<AxisWindows> axes;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis)
    axes.push_back(place_axis(axis, sizes[axis], kernel[axis]));
  return axes;
}

AxisWindows Window::place_axis(std::size_t axis, std::int64_t size, std::int64_t kernel) const {
  const auto at = [axis](const std::vector<std::int64_t>& list, std::int64_t otherwise) {
    return list.empty() ? otherwise : list[axis];
  };
  AxisWindows result;
  result.kernel = kernel;
  result.stride = at(strides_, 1);
  result.dilation = at(dilations_, 1);
  if (auto_pad_ == AutoPad::same_upper || auto_pad_ == AutoPad::same_lower) {
    result.count = (size + result.stride - 1) / result.stride;
    const auto total = std::max<std::int64_t>((result.count - 1) * result.stride + result.extent() - size, 0);
    result.before = auto_pad_ == AutoPad::same_upper ? total / 2 : (total + 1) / 2;
    result.after = total - result.before;
  } else {
    if (auto_pad_ == AutoPad::none) {
      result.before = at(before_, 0);
      result.after = at(after_, 0);
    }
    const auto room =
        size + result.before + result.after - result.extent() + (ceil_mode_ ? result.stride - 1 : 0);
    result.count = floor_divide(room, result.stride) + 1;
    if (ceil_mode_ && (result.count - 1) * result.stride >= size + result.before) --result.count;
  }
  if (size < 1 || result.count < 1) {
    throw Invalid("its input is only " + std::to_string(size) +
                  " px along an axis, too small for its window of " + std::to_string(result.extent()));
  }
  return result;
}

std::vector<std::int64_t> each(const std::vector<AxisWindows>& axes, std::int64_t AxisWindows::*field) {
  std::vector<std::int64_t> values;
  for (const auto& axis : axes) values.push_back(axis.*field);
  return values;
}

std::vector<std::int64_t> pad_list(const std::vector<AxisWindows>& axes) {
  std::vector<std::int64_t> pads;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    pads.push_back(axis->before);
    pads.push_back(axis->after);
  }
  return pads;
}

}  // namespace dreamreel::network
