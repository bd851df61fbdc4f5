// A Resize of whole maps for one size: linear or nearest neighbour, forward and backward.
#pragma once

#include "fused_maps.h"
#include "resampling.h"

namespace dreamreel::network {

class Resizing {
 public:
  /// `height` and `width` are the input's.
  Resizing(const AxisSamples& rows, const AxisSamples& columns, std::int64_t height, std::int64_t width);

  void run(const MapView& x, const MapView& y) const;
  void gradient(const MapView& gy, const MapView& gx, bool accumulate) const;

 private:
  struct Axis {
    Axis(const AxisSamples& samples, std::int64_t size);
    std::int64_t in = 0, out = 0;
    std::vector<std::int32_t> low, high;
    std::vector<float> weights;
    std::vector<std::int32_t> begins, results;  ///< the results that read each input position
    std::vector<float> shares;                  ///< with these weights
  };
  Axis rows_, columns_;
};

}  // namespace dreamreel::network
