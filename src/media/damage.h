// Describes in one line what decoding lost.
#pragma once

#include <string>

#include "probe.h"
#include "video_decoder.h"

namespace dreamreel::media {

/// True if the decoder had to conceal errors in this frame.
bool is_damaged(const AVFrame& frame);

struct DamageFacts {
  std::string name;
  DecodeStatistics statistics;
  std::int64_t damaged_frames = 0;
  std::int64_t selected_frames = 0;
  bool to_the_end = true;  ///< reading reached the file's end, not only the trim's end
  std::optional<double> trim_end_seconds;
  double beginning_seconds = 0;
  bool is_picture = false;
  /// The file ends before its own structure does. If false, the length that a header promises is ignored.
  bool cut_off = false;
  std::optional<ExpectedEnd> expected;
};

/// "clip.mp4 is truncated: about 37 of 100 frames are missing at its end"; "" if all is well.
std::string describe_damage(const DamageFacts& facts, const AVStream& stream);

}  // namespace dreamreel::media
