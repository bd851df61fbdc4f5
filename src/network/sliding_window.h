// Where the windows of a convolution or a pooling lie along one axis, from ONNX's sizes, strides, dilations
// and padding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops.h"

namespace dreamreel::network {

/// The windows along one axis of known size.
struct AxisWindows {
  std::int64_t kernel = 1, stride = 1, dilation = 1;
  std::int64_t before = 0, after = 0;  ///< padding, in positions
  std::int64_t count = 1;              ///< number of windows, which is the size of the result

  std::int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

class SlidingWindow {
 public:
  /// Reads kernel_shape, strides, dilations, pads, auto_pad and ceil_mode. Throws Invalid for impossible
  /// values, such as a stride of 0.
  explicit SlidingWindow(const NodeView& node);

  /// Number of spatial axes. 0 if the node does not tell: a Conv may leave its rank to its weights.
  std::size_t rank() const { return kernel_.size(); }
  /// Turns one axis into two; the first has size 1.
  void lift_to_2d();

  /// The windows along each axis. `sizes` are the input's spatial sizes; `kernel` are the weights' or the
  /// pool's. With ceil_mode, a window that would begin in the padding after the input is left out, as in
  /// PyTorch and in ONNX since opset 22. Throws Invalid if an axis is too small for one window.
  std::vector<AxisWindows> place(at::IntArrayRef sizes, at::IntArrayRef kernel) const;
  /// The inverse, for ConvTranspose: each position of the input makes a window in the result, which has
  /// `count` positions. `before` and `after` positions are cut off at its ends; negative ones add zeros
  /// there. `more` is output_padding and `wanted` is output_shape; both are empty where the node has none.
  std::vector<AxisWindows> place_transposed(at::IntArrayRef sizes, at::IntArrayRef kernel,
                                            const std::vector<std::int64_t>& more,
                                            const std::vector<std::int64_t>& wanted) const;
  at::IntArrayRef kernel() const { return kernel_; }
  bool ceil_mode() const { return ceil_mode_; }

 private:
  void check_ranks(at::IntArrayRef sizes, at::IntArrayRef kernel) const;
  AxisWindows place_axis(std::size_t axis, std::int64_t size, std::int64_t kernel) const;
  AxisWindows unpadded(std::size_t axis, std::int64_t kernel) const;

  enum class AutoPad { none, same_upper, same_lower, valid } auto_pad_ = AutoPad::none;
  // Empty: the default on every axis.
  std::vector<std::int64_t> kernel_, strides_, dilations_, before_, after_;
  bool ceil_mode_ = false;
};

/// The field `field` of each axis, for calls of ATen.
std::vector<std::int64_t> each(const std::vector<AxisWindows>& axes, std::int64_t AxisWindows::*field);

/// The padding in the order of at::constant_pad_nd: the last axis first, before and after.
std::vector<std::int64_t> pad_list(const std::vector<AxisWindows>& axes);

}  // namespace dreamreel::network
