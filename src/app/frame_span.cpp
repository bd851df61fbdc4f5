#include "frame_span.h"

#include <fmt/core.h>

#include <cctype>
#include <cmath>
#include <cstring>

#include "dreamreel/core/error.h"

namespace dreamreel::app {
namespace {

constexpr double kMostFrame = 1e12, kMostSeconds = 1e9;

std::optional<TimePoint> parse_point(const std::string& text);

// Whether the text is a span in its form: its end may still lie before its beginning.
bool has_form_of_span(const std::string& text) {
  const auto dots = text.find("..");
  if (text.empty() || text == "..") return false;
  if (dots == std::string::npos) return parse_point(text).has_value();
  const std::string rest = text.substr(dots + 2);
  return (dots == 0 || parse_point(text.substr(0, dots))) && (rest.empty() || parse_point(rest));
}

// What was probably meant: the same without blanks, in small letters, or with dots in place of a dash.
std::string hint_for(const std::string& text) {
  std::string plain;
  for (const char c : text)
    if (std::isspace(static_cast<unsigned char>(c)) == 0)
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (has_form_of_span(plain))
    return fmt::format("; write {}{}", plain, plain.size() < text.size() ? ", without blanks" : "");
  if (plain.starts_with('-') || plain.find("..-") != std::string::npos)
    return "; nothing is before the first frame, so no number is below 0 (..B begins with the first frame)";
  for (const char* const dash : {"...", "-", ":", "\xe2\x80\x93", "\xe2\x80\xa6"})
    if (const auto at = plain.find(dash); at != std::string::npos && at > 0) {
      const std::string dotted = plain.substr(0, at) + ".." + plain.substr(at + std::strlen(dash));
      if (has_form_of_span(dotted)) return "; write " + dotted;
    }
  return "";
}

[[noreturn]] void refuse_span(const std::string& text) {
  throw UsageError(
      fmt::format("--frames: expected A..B (half-open), A.., ..B or one frame, as numbers from 0 such as "
                  "100..148 or as times such as 2s..5s, 0:02..0:05 or 4bar..8bar, got '{}'{}",
                  text, hint_for(text)));
}

// A number without a unit counts frames.
std::optional<TimePoint> parse_point(const std::string& text) {
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  // A decimal number needs a unit.
  if (!is_number && text.find_first_not_of("0123456789.") == std::string::npos) return {};
  const auto point = parse_time_on_sound(is_number ? text + "f" : text);
  if (!point) return {};
  const bool is_frame = point->unit == TimePoint::Unit::frames;
  return point->value <= (is_frame ? kMostFrame : kMostSeconds) ? point : std::nullopt;
}

std::string name_of_point(const TimePoint& point) {
  return point.unit == TimePoint::Unit::frames ? std::to_string(std::llround(point.value)) : to_string(point);
}

// Points in different units are compared once the job is known.
void expect_rising(const FrameSpan& span, const std::string& text) {
  if (!span.end || span.end->unit != span.begin.unit || span.end->value > span.begin.value) return;
  const std::string begin = name_of_point(span.begin), end = name_of_point(*span.end);
  if (span.end->value == span.begin.value)
    throw UsageError(fmt::format(
        "--frames: expected an end after the beginning, got '{}', which ends before its first frame", text));
  throw UsageError(
      fmt::format("--frames: expected an end after the beginning, got '{}', which ends at {} and begins at "
                  "{}; write {}..{}",
                  text, end, begin, end, begin));
}

}  // namespace

std::string FrameSpan::name() const {
  if (is_whole()) return "";
  return name_of_point(begin) + (one_frame ? "" : "-") + (end ? name_of_point(*end) : "");
}

FrameSpan parse_span(const std::string& text) {
  FrameSpan span;
  if (text.empty()) return span;
  const auto dots = text.find("..");
  const auto begin = parse_point(text.substr(0, dots));
  if (dots == std::string::npos) {
    if (!begin) refuse_span(text);
    span.begin = *begin;
    span.one_frame = true;
    return span;
  }
  const std::string rest = text.substr(dots + 2);
  if (dots > 0) {
    if (!begin) refuse_span(text);
    span.begin = *begin;
  }
  if (!rest.empty()) {
    span.end = parse_point(rest);
    if (!span.end) refuse_span(text);
    // "..5s": the begin has the unit of the end. The first bar need not begin with the job.
    if (dots == 0 && !span.end->counts_beats()) span.begin.unit = span.end->unit;
  }
  if (text == "..") refuse_span(text);
  expect_rising(span, text);
  return span;
}

}  // namespace dreamreel::app
