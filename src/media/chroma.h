// Chroma planes between their own grid and the picture's: separable Catmull-Rom interpolation that knows
// where chroma samples lie, widened to an antialiasing filter on the way down. (Keys, "Cubic convolution
// interpolation for digital image processing", 1981, a = -0.5.) Edges are repeated.
#pragma once

#include <vector>

#include "libav.h"

namespace dreamreel::media {

/// How one axis is resampled: output i is the sum of weights[i*taps + k] * input[clamped first[i] + k].
struct AxisFilter {
  int taps = 0;
  std::vector<int> index;      ///< inputs of each output, taps a piece, already clamped to the plane
  std::vector<float> weights;  ///< beside index; each output's sum to 1
};

/// Where the first chroma sample of an axis lies, in luma pixels from the first luma sample: 0 (co-sited) or
/// (step-1)/2 (midway).
struct ChromaSite {
  double x = 0, y = 0;
};

/// The site of a frame; unspecified means left for 4:2:0 and 4:2:2 (MPEG-2 and later), midway for full-range
/// JPEG.
ChromaSite chroma_site(AVPixelFormat format, AVChromaLocation location, bool full_range);

/// From a plane of `chroma` samples, `step` luma pixels apart, to `luma` pixels.
AxisFilter upsampling(int chroma, int luma, int step, double site);
/// The reverse: from `luma` pixels to a plane of chroma samples.
AxisFilter downsampling(int luma, int chroma, int step, double site);

}  // namespace dreamreel::media
