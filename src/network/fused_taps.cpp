#include "fused_taps.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace dreamreel::network {

WindowTaps::WindowTaps(const AxisWindows& windows, std::int64_t size, bool include_padding) {
  axis_.in = size;
  axis_.out = windows.count;
  axis_.kernel = windows.kernel;
  axis_.stride = windows.stride;
  axis_.dilation = windows.dilation;
  axis_.before = windows.before;
  std::vector<std::vector<std::pair<std::int32_t, std::int32_t>>> taps(static_cast<std::size_t>(size));
  for (std::int64_t window = 0; window < windows.count; ++window) {
    const auto start = window * windows.stride - windows.before;
    for (std::int64_t tap = 0; tap < windows.kernel; ++tap) {
      const auto position = start + tap * windows.dilation;
      if (position < 0 || position >= size) continue;
      taps[static_cast<std::size_t>(position)].emplace_back(window, tap);
    }
    const auto low = include_padding ? -windows.before : 0;
    const auto high = size + (include_padding ? windows.after : 0);
    const auto counted = std::min(start + windows.kernel, high) - std::max(start, low);
    inverse_counts_.push_back(1.0F / static_cast<float>(std::max<std::int64_t>(counted, 1)));
  }
  for (const auto& list : taps)
    axis_.taps.most = std::max(axis_.taps.most, static_cast<std::int64_t>(list.size()));
  windows_.assign(static_cast<std::size_t>(size * axis_.taps.most), 0);
  taps_ = windows_;
  for (std::size_t i = 0; i < taps.size(); ++i) {
    counts_.push_back(static_cast<std::int32_t>(taps[i].size()));
    for (std::size_t k = 0; k < taps[i].size(); ++k) {
      const auto at = i * static_cast<std::size_t>(axis_.taps.most) + k;
      std::tie(windows_[at], taps_[at]) = taps[i][k];
    }
  }
  axis_.taps.counts = counts_.data();
  axis_.taps.windows = windows_.data();
  axis_.taps.taps = taps_.data();
  axis_.inverse_counts = inverse_counts_.data();
}

}  // namespace dreamreel::network
