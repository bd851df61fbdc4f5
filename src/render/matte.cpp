#include "matte.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/image/guided_filter.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/render/resolve.h"

namespace dreamreel::render {
namespace {

constexpr std::int64_t kLeastSide = 512;  // px; large enough for thin things to be followed
constexpr double kPositionsAround = 2;    // in positions of a map: the largest error of the map's own edges
constexpr double kFlatness = 1e-4;        // hair before a dark wall differs by as little as 0.01

image::Size thumbnail_size(image::Size picture, std::int64_t side) {
  const auto longer = static_cast<double>(std::max(picture.height, picture.width));
  const double scale = std::min(1.0, static_cast<double>(side) / longer);
  const auto scaled = [&](std::int64_t length) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(length) * scale));
  };
  return {scaled(picture.height), scaled(picture.width)};
}

}  // namespace

Matte::Matte(const job::Mask& mask, const job::Input& input, const std::string& key)
    : input_(input),
      network_(mask, key),
      side_(static_cast<int>(std::max(kLeastSide, network_.longest_side()))) {}

at::Tensor Matte::at(std::int64_t number, const at::Tensor& rgb) {
  if (!reader_ || number < next_ - 1) {
    auto options = reader_options(input_);
    options.longest_side = side_;
    options.index = true;
    reader_.emplace(options);
    steady_.begin();
    next_ = 0;
  }
  read_up_to(number);
  return followed(steady_.matte(), rgb);
}

void Matte::read_up_to(std::int64_t number) {
  const auto check = [&](bool is_there) {
    if (!is_there)
      throw DataError("the source ends after " + std::to_string(next_) + " frames, but a mask needs frame " +
                      std::to_string(number) + "; has the source changed?");
  };
  if (const auto first = number - SteadyMatte::kFramesBefore; next_ < first) {
    steady_.begin();
    next_ += reader_->skip(first - next_);
    check(next_ == first);
  }
  for (; next_ <= number; ++next_) {
    const auto frame = reader_->next();
    check(frame.has_value());
    steady_.add(frame->rgb, network_.rate(frame->rgb));
  }
}

at::Tensor Matte::of_still(const at::Tensor& rgb) {
  const auto size = thumbnail_size({rgb.size(1), rgb.size(2)}, side_);
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
  const auto thumbnail = thumbnail_size(frame, side_);
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
  filter.flatness = kFlatness;
  return image::guided_filter(image::resize(map, size), rgb, filter).clamp(0, 1);
}

}  // namespace dreamreel::render
