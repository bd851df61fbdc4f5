// Rational numbers, and points in time as people write them: 12.5s, 00:04.5, 96f, 4bar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dreamreel {

/// A fraction, for frame rates and time bases. In a valid value, den > 0.
struct Rational {
  std::int64_t num = 0;
  std::int64_t den = 1;
  double value() const { return static_cast<double>(num) / static_cast<double>(den); }
  bool operator==(const Rational&) const = default;
};

/// Parses "24", "23.976", "30000/1001" as a fraction in lowest terms. A decimal within 0.001 of a rate of the
/// 1001 family becomes that rate, e.g. 23.976 becomes 24000/1001. nullopt if the text is not a positive
/// number.
std::optional<Rational> parse_rate(std::string_view text);

/// A point in time: seconds, a frame number that becomes seconds once the frame rate is known, or beats or
/// bars of the sound, which a BeatGrid (core/beat_grid.h) turns into seconds.
struct TimePoint {
  enum class Unit { seconds, frames, beats, bars };
  double value = 0;
  Unit unit = Unit::seconds;
  bool counts_beats() const { return unit == Unit::beats || unit == Unit::bars; }
  /// Only for seconds and frames.
  double seconds(double frames_per_second) const {
    return unit == Unit::seconds ? value : value / frames_per_second;
  }
  bool operator==(const TimePoint&) const = default;
};

/// The time stamp of a frame without its container's rounding. It is k / frames_per_second for a whole number
/// k, if that lies within a tick of `seconds` and within a quarter of a frame. Otherwise nullopt. So the same
/// clip has the same times in every container, and they equal the doubles computed from a frame's number.
std::optional<double> on_frame_grid(double seconds, double frames_per_second, double tick_seconds);

/// Parses "4s", "1.5s", "250ms", "00:04.5" (mm:ss.s), "1:02:03" (hh:mm:ss), "96f", and a bare "4" (seconds).
/// Frames must be whole numbers, and no time is negative. nullopt if the text is none of these.
std::optional<TimePoint> parse_time(std::string_view text);

/// The same, and also times that are counted in the sound's beats and bars: "2.5beat", "4bar". A plural "s"
/// is allowed. For times on the job's own time line.
std::optional<TimePoint> parse_time_on_sound(std::string_view text);

/// The shortest text that parse_time_on_sound() reads back: "4s", "96f", "4bar".
std::string to_string(const TimePoint& time);

}  // namespace dreamreel
