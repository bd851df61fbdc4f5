// One axis of the windows of a pooling or a convolution at one size, with the tables that kernels of rows
// read.
#pragma once

#include <vector>

#include "fused_rows.h"
#include "window.h"

namespace dreamreel::network {

class WindowTaps {
 public:
  /// `size`: of the input. `include_padding`: whether averages count what is padded.
  WindowTaps(const AxisWindows& windows, std::int64_t size, bool include_padding);
  WindowTaps(const WindowTaps&) = delete;
  WindowTaps& operator=(const WindowTaps&) = delete;

  /// Points into this object.
  const rows::Axis& axis() const { return axis_; }

 private:
  rows::Axis axis_;
  std::vector<std::int32_t> counts_, windows_, taps_;
  std::vector<float> inverse_counts_;
};

}  // namespace dreamreel::network
