#include "trim.h"

#include <fmt/core.h>

#include <utility>

#include "dreamreel/core/error.h"
#include "tick.h"

namespace dreamreel::media {
namespace {

constexpr double kWorthSeekingVideoSeconds =
    8;  // before that, decoding from the start is as fast, and needs no trust in an index

// Whether a frame with this number and time comes before `border`.
bool lies_before(const TimePoint& border, std::int64_t index, double seconds) {
  if (border.unit == TimePoint::Unit::frames) return static_cast<double>(index) < border.value;
  return seconds < border.value - kTick;
}

}  // namespace

Trim::Trim(std::optional<TimePoint> start, std::optional<TimePoint> end, std::string name)
    : start_(start), end_(end), name_(std::move(name)) {
  if (start_ && start_->value <= 0) start_.reset();
  const bool same_unit = start_ && end_ && start_->unit == end_->unit;
  if ((end_ && end_->value <= 0) || (same_unit && end_->value <= start_->value))
    throw JobError(fmt::format("the trim [{}, {}) selects nothing; its end must lie after its start",
                               start_ ? to_string(*start_) : "0s", to_string(*end_)));
}

std::optional<double> Trim::end_seconds(double frames_per_second) const {
  if (!end_) return {};
  return end_->seconds(frames_per_second);
}

void Trim::seek(VideoDecoder& decoder, double zero_seconds) {
  // Frames can only be counted from the start.
  const bool counts =
      (start_ && start_->unit == TimePoint::Unit::frames) || (end_ && end_->unit == TimePoint::Unit::frames);
  if (!start_ || counts || start_->value < kWorthSeekingVideoSeconds) return;
  unproven_seek_ = decoder.seek(start_->value - zero_seconds);
}

Trim::Place Trim::place(double seconds, VideoDecoder& decoder) {
  last_seconds_ = seconds;
  const std::int64_t index = index_++;
  const bool before = start_ && lies_before(*start_, index, seconds);
  if (unproven_seek_) {
    unproven_seek_ = false;
    if (!before) {  // the seek may have gone too far, past wanted frames
      decoder.rewind();
      index_ = 0;
      return Place::before;
    }
  }
  if (before) return Place::before;
  if (!end_ || lies_before(*end_, index, seconds)) return Place::inside;
  reached_end_ = true;
  return Place::after;
}

bool Trim::ends_behind(std::int64_t number, double seconds) const {
  return !end_ || lies_before(*end_, number, seconds);
}

void Trim::throw_selects_nothing(const DecodeStatistics& statistics) const {
  std::string message =
      fmt::format("the trim [{}, {}) selects no frame of {}", start_ ? to_string(*start_) : "0s",
                  end_ ? to_string(*end_) : "end", name_);
  if (!statistics.seeked)
    message += fmt::format(", which has {} frames, the last at {:g} s", index_, last_seconds_);
  throw JobError(message);
}

}  // namespace dreamreel::media
