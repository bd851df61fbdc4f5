// Reads the source again, in small frames, for masks that depend on frames around their own. A render that
// begins at a frame does not read these frames otherwise.
#pragma once

#include <cstdint>
#include <optional>

#include "dreamreel/image/pyramid.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"

namespace dreamreel::footage {

/// The size of a picture whose longer side has at most `side` px.
image::Size thumbnail_size(image::Size picture, std::int64_t side);

/// One thread.
class Thumbnails {
 public:
  /// `side` is the longest side in px. With `beyond_trim`, the frames go on behind the end of input.trim.
  Thumbnails(const job::Input& input, int side, bool beyond_trim = false);

  /// The frame that next() gives, counted from the trimmed start; nullopt before the first go_to().
  std::optional<std::int64_t> position() const { return position_; }
  /// Goes to a frame, forwards or backwards. Throws what media::Reader throws, and DataError if the source
  /// has fewer frames.
  void go_to(std::int64_t number);
  /// The next frame; nullopt at the end.
  std::optional<media::VideoFrame> next();

 private:
  const job::Input input_;
  const int side_;
  const bool beyond_trim_;
  std::optional<media::Reader> reader_;
  std::optional<std::int64_t> position_;
};

/// Throws DataError: the source ends after `frames` frames, but a mask needs frame `number`.
[[noreturn]] void throw_mask_lacks_frame(std::int64_t frames, std::int64_t number);

}  // namespace dreamreel::footage
