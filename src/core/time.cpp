#include "dreamreel/core/time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

namespace dreamreel {
namespace {

constexpr std::array<std::pair<TimePoint::Unit, std::string_view>, 2> kCountedUnits{
    {{TimePoint::Unit::beats, "beat"}, {TimePoint::Unit::bars, "bar"}}};

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0)
    return {};
  return value;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// "mm:ss.s" or "hh:mm:ss.s": every field but the last is a whole number, every field but the first is
// below 60.
std::optional<double> parse_clock(std::string_view text) {
  double seconds = 0;
  for (int field = 0;; ++field) {
    const auto colon = text.find(':');
    const auto value = parse_number(text.substr(0, colon));
    const bool last = colon == std::string_view::npos;
    if (!value || field > 2 || (field > 0 && *value >= 60) || (!last && *value != std::floor(*value)))
      return {};
    seconds = seconds * 60 + *value;
    if (last) return seconds;
    text.remove_prefix(colon + 1);
  }
}

std::string shortest(double value) {
  std::array<char, 512>
      buffer{};  // without an exponent the largest and smallest doubles take over 300 digits
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return {buffer.data(), result.ptr};
}

}  // namespace

std::optional<Rational> parse_rate(std::string_view text) {
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto num = parse_number(text.substr(0, slash));
    const auto den = parse_number(text.substr(slash + 1));
    constexpr double kMax = 2147483647;
    if (!num || !den || *num < 1 || *den < 1 || *num != std::floor(*num) || *den != std::floor(*den) ||
        *num > kMax || *den > kMax)
      return {};
    const auto n = static_cast<std::int64_t>(*num);
    const auto d = static_cast<std::int64_t>(*den);
    const auto common = std::gcd(n, d);
    return Rational{n / common, d / common};
  }
  const auto value = parse_number(text);
  if (!value || *value <= 0 || *value > 1e6) return {};
  if (*value == std::floor(*value)) return Rational{static_cast<std::int64_t>(*value), 1};
  const auto ntsc = static_cast<std::int64_t>(std::ceil(*value));
  if (std::abs(static_cast<double>(ntsc) * 1000 / 1001 - *value) < 1e-3) return Rational{ntsc * 1000, 1001};
  const auto millis = static_cast<std::int64_t>(std::llround(*value * 1000));
  if (millis == 0) return {};
  const auto common = std::gcd(millis, std::int64_t{1000});
  return Rational{millis / common, 1000 / common};
}

std::optional<double> on_frame_grid(double seconds, double frames_per_second, double tick_seconds) {
  constexpr double kRounding = 1e-9;  // seconds; the rounding of doubles
  const double near = std::round(seconds * frames_per_second) / frames_per_second;
  const double reach = std::min(tick_seconds + kRounding, 0.25 / frames_per_second);
  return std::abs(seconds - near) <= reach ? std::optional(near) : std::nullopt;
}

std::optional<TimePoint> parse_time(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    const auto seconds = parse_clock(text);
    return seconds ? std::optional(TimePoint{*seconds, TimePoint::Unit::seconds}) : std::nullopt;
  }
  if (take_suffix(text, "f")) {
    const auto frames = parse_number(text);
    if (!frames || *frames != std::floor(*frames)) return {};
    return TimePoint{*frames, TimePoint::Unit::frames};
  }
  const double scale = take_suffix(text, "ms") ? 1e-3 : (take_suffix(text, "s"), 1.0);
  const auto value = parse_number(text);
  if (!value) return {};
  return TimePoint{*value * scale, TimePoint::Unit::seconds};
}

std::optional<TimePoint> parse_time_on_sound(std::string_view text) {
  for (const auto& [unit, name] : kCountedUnits) {
    std::string_view number = text;
    take_suffix(number, "s");
    if (!take_suffix(number, name)) continue;
    const auto value = parse_number(number);
    return value ? std::optional(TimePoint{*value, unit}) : std::nullopt;
  }
  return parse_time(text);
}

std::string to_string(const TimePoint& time) {
  for (const auto& [unit, name] : kCountedUnits)
    if (time.unit == unit) return shortest(time.value) + std::string(name);
  return shortest(time.value) + (time.unit == TimePoint::Unit::frames ? "f" : "s");
}

}  // namespace dreamreel
