// The file that a render makes. A part of a job; see job.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "dreamreel/core/time.h"

namespace dreamreel::job {

struct Output {
  std::filesystem::path path;
  std::string codec, pixel_format;  ///< "": chosen for the container
  std::map<std::string, std::string> codec_options;
  enum class Audio { copy, none } audio = Audio::copy;
  std::optional<std::int64_t> audio_bitrate;  ///< bits a second, of sound that has to be encoded
  enum class Metadata { job, name, none } metadata = Metadata::job;  ///< what the file says of its making
  /// Makes the last frame lead into the first frame.
  struct Loop {
    std::optional<TimePoint> crossfade;  ///< nullopt: about a second, or a third of the length
    bool operator==(const Loop&) const = default;
  };
  std::optional<Loop> loop;
  int first_number = 0;  ///< the number of frame 0 among numbered pictures
  bool operator==(const Output&) const = default;
};

}  // namespace dreamreel::job
