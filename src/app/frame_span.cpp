#include "frame_span.h"

#include <cmath>

#include "dreamreel/core/error.h"
#include "dreamreel/render/time_range.h"

namespace dreamreel::app {
namespace {

constexpr double kMostFrame = 1e12, kMostSeconds = 1e9;

[[noreturn]] void refuse(const std::string& text) {
  throw UsageError(
      "--frames: expected A..B (half-open), A.., ..B or one frame, as numbers from 0 such as 100..148 or "
      "as times such as 2s..5s, 0:02..0:05 or 4bar..8bar, got '" +
      text + "'");
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

std::string name_of(const TimePoint& point) {
  return point.unit == TimePoint::Unit::frames ? std::to_string(std::llround(point.value)) : to_string(point);
}

bool is_empty(const FrameSpan& span) {
  return span.end && span.end->unit == span.begin.unit && span.end->value <= span.begin.value;
}

}  // namespace

std::string FrameSpan::name() const {
  if (is_whole()) return "";
  return name_of(begin) + (one_frame ? "" : "-") + (end ? name_of(*end) : "");
}

FrameSpan parse_span(const std::string& text) {
  FrameSpan span;
  if (text.empty()) return span;
  const auto dots = text.find("..");
  const auto begin = parse_point(text.substr(0, dots));
  if (dots == std::string::npos) {
    if (!begin) refuse(text);
    span.begin = *begin;
    span.one_frame = true;
    return span;
  }
  const std::string rest = text.substr(dots + 2);
  if (dots > 0) {
    if (!begin) refuse(text);
    span.begin = *begin;
  }
  if (!rest.empty()) {
    span.end = parse_point(rest);
    if (!span.end) refuse(text);
    // "..5s": the begin has the unit of the end. The first bar need not begin with the job.
    if (dots == 0 && !span.end->counts_beats()) span.begin.unit = span.end->unit;
  }
  if (is_empty(span) || text == "..") refuse(text);
  return span;
}

schedule::FrameRange frames_of(const FrameSpan& span, const job::Job& job, const std::atomic<bool>* stop) {
  const auto is_frame = [](const TimePoint& point) { return point.unit == TimePoint::Unit::frames; };
  schedule::FrameRange range;
  if (is_frame(span.begin) && (!span.end || is_frame(*span.end))) {
    range.begin = std::llround(span.begin.value);
    if (span.end) range.end = std::llround(span.end->value);
  } else {
    range = render::frames_between(job, span.begin, span.end, stop);
  }
  if (span.one_frame) range.end = range.begin + 1;
  return range;
}

}  // namespace dreamreel::app
