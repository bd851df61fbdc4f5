// Makes a coarse map follow the edges of a picture. For example, a network's matte may have a tenth of the
// picture's size, but must end on hair and shoulders, not on blocks. See frame.h for the rules of this
// module.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace dreamreel::image {

struct GuidedFilter {
  /// Half the side of the windows in which the map is fitted to the picture's colours, in px of the map; at
  /// least 1. It should be about as large as the error of the map's own edges.
  std::int64_t radius_px = 8;
  /// A window whose variance of colours (of values in [0,1]) is below this counts as flat: the map is only
  /// smoothed there.
  double flatness = 1e-3;
};

/// The guided filter (He, Sun, Tang: "Guided Image Filtering", 2013), with a guide in colour. As in the fast
/// guided filter (He, Sun 2015), it is fitted at the map's size and applied at the picture's size. In every
/// window, a linear function of the picture's R, G and B is fitted to the map. Each pixel gets the mean of
/// the functions of the windows that contain it. `map`: (1,h,w), no larger than `picture`, (3,H,W). Result:
/// (1,H,W), not clamped, because a fit overshoots a little. Windows at borders have fewer pixels.
at::Tensor guided_filter(const at::Tensor& map, const at::Tensor& picture, const GuidedFilter& filter);

}  // namespace dreamreel::image
