#include "photo_spectrum.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/fft_fftfreq.h>
#include <ATen/ops/fft_rfftfreq.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/lerp.h>

#include <algorithm>

namespace dreamreel::dream {
namespace {

constexpr std::int64_t kSteps = 15;
constexpr double kStepsPerOctave = 2;

// The strength at 2^(i/2) periods along the longer side, i = 0..14, for the columns of colour_directions():
// brightness and two colours. scripts/measure_photo_spectrum.py measures and prints these numbers. They are
// means over 16 photographs of OpenCV's examples (Debian's package opencv-doc). Their colours have more of
// the large waves than their brightness has.
constexpr float kStrengths[3][kSteps] = {
    // measured
    {0.74, 1.38, 1.15, 1.30, 1.58, 1.38, 1.37, 1.36, 1.23, 1.21, 1.04, 0.94, 0.85, 0.81, 0.80},
    {1.76, 2.31, 2.61, 2.67, 2.26, 2.06, 1.82, 1.84, 1.54, 1.35, 1.21, 1.06, 0.90, 0.76, 0.66},
    {1.47, 2.16, 2.74, 2.80, 2.53, 2.26, 1.92, 1.80, 1.57, 1.45, 1.33, 1.21, 1.11, 1.01, 0.96},
};

// Periods of each wave along the longer side, (H,W/2+1).
at::Tensor periods(std::int64_t height, std::int64_t width) {
  const auto options = at::TensorOptions(at::kFloat);
  const at::Tensor y = at::fft_fftfreq(height, 1.0, options).unsqueeze(1);
  const at::Tensor x = at::fft_rfftfreq(width, 1.0, options).unsqueeze(0);
  return (y.square() + x.square()).sqrt() * static_cast<double>(std::max(height, width));
}

}  // namespace

at::Tensor strengths_of_photographs(std::int64_t height, std::int64_t width) {
  const at::Tensor table =
      at::from_blob(const_cast<float*>(&kStrengths[0][0]), {3, kSteps}, at::TensorOptions(at::kFloat));
  const at::Tensor place =
      (periods(height, width).clamp_min(1).log2() * kStepsPerOctave).clamp_max(kSteps - 1).flatten();
  const at::Tensor below = place.floor().clamp_max(kSteps - 2);
  const at::Tensor first = below.to(at::kLong);
  return at::lerp(table.index_select(1, first), table.index_select(1, first + 1), place - below)
      .view({3, height, width / 2 + 1});
}

}  // namespace dreamreel::dream
