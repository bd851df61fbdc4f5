#include "matte.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/image/guided_filter.h"
#include "dreamreel/image/pyramid.h"

namespace dreamreel::masking {
namespace {

constexpr std::int64_t kLeastSide = 512;  // px; large enough for thin things to be followed
constexpr double kPositionsAround = 2;    // in positions of a map: the largest error of the map's own edges

}  // namespace

Matte::Matte(const job::Mask& mask, const job::Input& input, const std::string& key)
    : network_(mask, key),
      side_(static_cast<int>(std::max(kLeastSide, network_.longest_side()))),
      thumbnails_(input, side_) {}

at::Tensor Matte::at(std::int64_t number, const at::Tensor& rgb) {
  read_up_to(number);
  return followed(steady_.matte(), rgb);
}

void Matte::read_up_to(std::int64_t number) {
  const auto first = std::max<std::int64_t>(0, number - SteadyMatte::kFramesBefore);
  const auto position = thumbnails_.position();
  if (position == number + 1) return;  // asked for again
  if (!position || number < *position || *position < first) {
    thumbnails_.go_to(first);
    steady_.begin();
  }
  while (*thumbnails_.position() <= number) {
    const auto frame = thumbnails_.next();
    if (!frame) footage::throw_mask_lacks_frame(*thumbnails_.position(), number);
    steady_.add(frame->rgb, network_.rate(frame->rgb));
  }
}

at::Tensor Matte::of_still(const at::Tensor& rgb) {
  const auto size = footage::thumbnail_size({rgb.size(1), rgb.size(2)}, side_);
  const at::Tensor thumbnail = image::resize(rgb, size).clamp(0, 1);
  return followed(network_.rate(thumbnail), rgb);
}

std::int64_t Matte::bytes(image::Size frame) const {
  constexpr std::int64_t kSingle = sizeof(float), kDouble = sizeof(double);
  // Bytes per pixel of a thumbnail: the picture, the picture before it, their flow, and the guided filter in
  // float64.
  constexpr std::int64_t kFlow = 30 * kSingle, kFilter = 60 * kDouble, kHeld = 4 * kSingle;
  // Bytes per pixel of a frame: the decoder's buffers, and the filter's coefficients at full size.
  constexpr std::int64_t kFrame = 60 + 10 * kSingle;
  const auto thumbnail = footage::thumbnail_size(frame, side_);
  const std::int64_t held = (SteadyMatte::kFramesBefore + 1) * kHeld;
  return network_.bytes(thumbnail) + thumbnail.height * thumbnail.width * (kFlow + kFilter + held) +
         frame.height * frame.width * kFrame;
}

at::Tensor Matte::followed(const at::Tensor& map, const at::Tensor& rgb) const {
  // Thumbnails and frames are each rounded to whole pixels in their own way, so the map may be larger than
  // the frame.
  const image::Size size{std::min(map.size(1), rgb.size(1)), std::min(map.size(2), rgb.size(2))};
  const double thumbnail = static_cast<double>(std::max(size.height, size.width));
  const double position =
      network_.pixels_per_position() * thumbnail / static_cast<double>(network_.longest_side());
  image::GuidedFilter filter;
  filter.radius_px = std::max<std::int64_t>(1, std::llround(kPositionsAround * position));
  filter.flatness = kMatteFlatness;
  return image::guided_filter(image::resize(map, size), rgb, filter).clamp(0, 1);
}

}  // namespace dreamreel::masking
