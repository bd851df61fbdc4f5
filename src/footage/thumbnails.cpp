#include "dreamreel/footage/thumbnails.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/footage/reader_options.h"

namespace dreamreel::footage {

image::Size thumbnail_size(image::Size picture, std::int64_t side) {
  const auto longer = static_cast<double>(std::max(picture.height, picture.width));
  const double scale = std::min(1.0, static_cast<double>(side) / longer);
  const auto scaled = [&](std::int64_t length) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(length) * scale));
  };
  return {scaled(picture.height), scaled(picture.width)};
}

Thumbnails::Thumbnails(const job::Input& input, int side, bool beyond_trim)
    : input_(input), side_(side), beyond_trim_(beyond_trim) {}

void Thumbnails::go_to(std::int64_t number) {
  if (!position_ || number < *position_) {
    auto options = reader_options(input_);
    options.longest_side = side_;
    options.index = true;
    if (beyond_trim_) options.trim_end.reset();
    reader_.emplace(options);
    position_ = 0;
  }
  *position_ += reader_->skip(number - *position_);
  if (*position_ < number) throw_mask_lacks_frame(*position_, number);
}

std::optional<media::VideoFrame> Thumbnails::next() {
  auto frame = reader_->next();
  if (frame) ++*position_;
  return frame;
}

void throw_mask_lacks_frame(std::int64_t frames, std::int64_t number) {
  throw DataError(fmt::format(
      "the source ends after {} frames, but a mask needs frame {}; has the source changed?", frames, number));
}

}  // namespace dreamreel::footage
