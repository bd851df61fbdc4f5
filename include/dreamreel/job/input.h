// The source of a render: a file, a numbered sequence or noise. A part of a job; see job.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "dreamreel/core/time.h"

namespace dreamreel::job {

/// The largest number of frames of noise, or of a still that becomes a video: 115 hours at 24 frames a
/// second.
inline constexpr std::int64_t kMostFrames = 10'000'000;

struct NoiseInput {
  int width = 1280, height = 720;
  Rational fps{24, 1};
  TimePoint duration{10, TimePoint::Unit::seconds};
  bool operator==(const NoiseInput&) const = default;
};

struct Input {
  std::filesystem::path path;  ///< absolute, like every path in a job; "" for noise
  std::optional<NoiseInput> noise;
  /// Half-open. If both ends have the same unit, loading checks start < end; otherwise the reader checks it.
  std::optional<TimePoint> trim_start, trim_end;
  std::string filter;
  std::optional<std::filesystem::path> audio;
  std::optional<TimePoint> audio_start;  ///< place in `audio` of the first frame; nullopt: its beginning
  std::optional<Rational> fps;           ///< frame rate of a still or of a numbered sequence
  std::optional<TimePoint> duration;     ///< length of a video made from a still
  bool operator==(const Input&) const = default;
};

}  // namespace dreamreel::job
