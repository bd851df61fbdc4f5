#include "chroma.h"

#include <algorithm>
#include <cmath>

namespace dreamreel::media {
namespace {

constexpr double kCubicRadius = 2;

double catmull_rom(double x) {
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < kCubicRadius) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

// Output i lies at the input coordinate i * stride + start. `width` is how many input samples one unit of the
// kernel covers.
AxisFilter axis_filter(int inputs, int outputs, double stride, double start, double width) {
  AxisFilter filter;
  filter.taps = static_cast<int>(std::ceil(2 * kCubicRadius * width)) + 1;
  for (int i = 0; i < outputs; ++i) {
    const double centre = i * stride + start;
    const int first = static_cast<int>(std::ceil(centre - kCubicRadius * width));
    std::vector<double> weights;
    double sum = 0;
    for (int k = 0; k < filter.taps; ++k) {
      weights.push_back(catmull_rom((first + k - centre) / width));
      sum += weights.back();
      filter.index.push_back(std::clamp(first + k, 0, inputs - 1));
    }
    for (const double weight : weights) filter.weights.push_back(static_cast<float>(weight / sum));
  }
  return filter;
}

}  // namespace

ChromaSite chroma_site(AVPixelFormat format, AVChromaLocation location, bool full_range) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  const double middle_x = ((1 << descriptor->log2_chroma_w) - 1) / 2.0;
  const double middle_y = ((1 << descriptor->log2_chroma_h) - 1) / 2.0;
  if (location == AVCHROMA_LOC_UNSPECIFIED) location = full_range ? AVCHROMA_LOC_CENTER : AVCHROMA_LOC_LEFT;
  switch (location) {
    case AVCHROMA_LOC_TOPLEFT:
      return {0, 0};
    case AVCHROMA_LOC_TOP:
      return {middle_x, 0};
    case AVCHROMA_LOC_CENTER:
      return {middle_x, middle_y};
    case AVCHROMA_LOC_BOTTOMLEFT:
      return {0, 2 * middle_y};
    case AVCHROMA_LOC_BOTTOM:
      return {middle_x, 2 * middle_y};
    default:
      return {0, middle_y};
  }
}

AxisFilter upsampling(int chroma, int luma, int step, double site) {
  return axis_filter(chroma, luma, 1.0 / step, -site / step, 1);
}

AxisFilter downsampling(int luma, int chroma, int step, double site) {
  return axis_filter(luma, chroma, step, site, step);
}

}  // namespace dreamreel::media
