// Where the windows of a convolution or a pooling lie along one axis: sizes, strides, dilations and padding
// as ONNX gives them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops.h"

namespace dreamreel::network {

/// The placing of windows along one axis of known size.
struct AxisWindows {
  std::int64_t kernel = 1, stride = 1, dilation = 1;
  std::int64_t before = 0, after = 0;  ///< padding
  std::int64_t count = 1;              ///< of windows, which is the size of the result

  std::int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

class Window {
 public:
  /// Reads kernel_shape, strides, dilations, pads, auto_pad and ceil_mode. Throws Invalid for what no window
  /// has (a stride of 0).
  explicit Window(const NodeView& node);

  /// Number of spatial axes; 0 if the file does not tell (a Conv may leave that to its weights).
  std::size_t rank() const { return kernel_.size(); }
  /// Makes one axis two, the first of size 1.
  void lift_to_2d();

  /// Windows along each axis of `sizes` (spatial sizes of the input; `kernel` those of the weights or of the
  /// pool). With ceil_mode, a window that would begin in the padding after the input is left out, as PyTorch
  /// and ONNX since opset 22 have it. Throws Invalid if an axis is too small for one window.
  std::vector<AxisWindows> place(at::IntArrayRef sizes, at::IntArrayRef kernel) const;
  /// The other way round, as ConvTranspose has it: each position of an input makes a window of the result, of
  /// `count` positions, which `before` and `after` cut off at its ends; below 0 they add zeros there. `more`:
  /// output_padding, `wanted`: output_shape; empty where the node has none.
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
  std::vector<std::int64_t> kernel_, strides_, dilations_, before_,
      after_;  // empty: the default on every axis
  bool ceil_mode_ = false;
};

/// One list per field, for ATen calls.
std::vector<std::int64_t> each(const std::vector<AxisWindows>& axes, std::int64_t AxisWindows::*field);

/// The padding as at::constant_pad_nd wants it: last axis first, before and after.
std::vector<std::int64_t> pad_list(const std::vector<AxisWindows>& axes);

}  // namespace dreamreel::network
