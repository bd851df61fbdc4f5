// The windows of a pooling or a convolution along one axis, for one size, as tables that the row kernels
// read.
#pragma once

#include <vector>

#include "fused_rows.h"
#include "sliding_window.h"

namespace dreamreel::network {

class WindowTaps {
 public:
  /// `size` is the input's. `include_padding`: averages also count padded positions.
  WindowTaps(const AxisWindows& windows, std::int64_t size, bool include_padding);
  WindowTaps(const WindowTaps&) = delete;
  WindowTaps& operator=(const WindowTaps&) = delete;

  /// The result points into this object.
  const rows::Axis& axis() const { return axis_; }

 private:
  rows::Axis axis_;
  std::vector<std::int32_t> counts_, windows_, taps_;
  std::vector<float> inverse_counts_;
};

}  // namespace dreamreel::network
