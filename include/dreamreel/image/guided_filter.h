// A coarse map made to follow the edges of a picture: the matte of a network whose map is a tenth of the
// picture's size ends on hair and shoulders, not on blocks. See frame.h for the rules of this module.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace dreamreel::image {

struct GuidedFilter {
  /// Half the side of the windows in which the map is fitted to the picture's colours, px of the size at which it is
  /// fitted; at least 1. About as far as the map's own edges may be off.
  std::int64_t radius_px = 8;
  /// Variance of colours (of values in [0,1]) below which a window counts as flat, where the map is only smoothed.
  double flatness = 1e-3;
};

/// The guided filter (He, Sun, Tang: "Guided Image Filtering", 2013, with a guide in colour), fitted at the
/// map's size and applied at the picture's, as in the fast guided filter (He, Sun 2015). In every window, the map is fitted by
/// a linear function of the picture's R, G and B; each pixel gets the mean of the functions of the windows that it lies in.
/// `map`: (1,h,w), no larger than `picture`, (3,H,W). Result: (1,H,W), not clamped: a fit overshoots a little. Borders are
/// windows of fewer pixels.
at::Tensor guided_filter(const at::Tensor& map, const at::Tensor& picture, const GuidedFilter& filter);

}  // namespace dreamreel::image
