#include "asked_cuts.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/render/timeline.h"

namespace dreamreel::render {
namespace {

constexpr double kSameTimeSeconds = 1e-6;
constexpr double kMostWork = 5e9;  // characters; about half a minute

std::int64_t count_until(const std::vector<double>& rising, double value) {
  return std::upper_bound(rising.begin(), rising.end(), value) - rising.begin();
}

}  // namespace

AskedCuts::AskedCuts(const job::Job& job, const media::VideoInfo& info, const std::atomic<bool>* stop)
    : cuts_(job.temporal.cuts), clock_(clock_of(info)) {
  if (cuts_.uses_sound()) sound_ = needed_sound(job, info, "temporal.cuts", cuts_.counts_beats(), stop);
  for (const auto& time : cuts_.times) {
    if (time.unit == TimePoint::Unit::frames)
      frames_.push_back(time.value);
    else if (time.counts_beats())
      seconds_.push_back(earliest_frame_start(sound_->beats()->seconds_at(time), clock_.frames_per_second));
    else
      seconds_.push_back(time.value - kSameTimeSeconds);
  }
  std::ranges::sort(frames_);
  std::ranges::sort(seconds_);
}

bool AskedCuts::begins(std::int64_t frame, double seconds) {
  if (is_empty()) return false;
  Counts now = counts_at(frame, seconds);
  bool is_cut = false;
  if (before_) {
    is_cut = now.times > before_->times;
    for (std::size_t i = 0; i < now.values.size(); ++i) is_cut |= now.values[i] > before_->values[i];
  }
  before_ = std::move(now);
  return is_cut;
}

AskedCuts::Counts AskedCuts::counts_at(std::int64_t frame, double seconds) {
  curve::CurveTime time = clock_.at(frame, seconds);
  if (sound_) {
    time.sound = &sound_->at(time.seconds);
    time.beats = sound_->beats();
  }
  Counts counts;
  // A time stamp may be rounded to just before its time.
  counts.times =
      count_until(frames_, time.frame) + count_until(seconds_, time.seconds + time.tick_seconds / 2);
  for (const auto& expression : cuts_.rises) {
    work_ += static_cast<double>(expression.cost());
    counts.values.push_back(value_of(expression, time));
  }
  if (work_ > kMostWork)
    throw JobError("temporal.cuts: the expressions are too long for " + std::to_string(frame) +
                   " frames; make them shorter, or give the cuts as a list of times");
  return counts;
}

double AskedCuts::value_of(const curve::Expression& expression, const curve::CurveTime& time) const {
  const double value = expression.at(time);
  if (std::isfinite(value)) return std::floor(value);
  throw JobError("temporal.cuts: expected a number, but '" + expression.text() + "' gives " +
                 std::to_string(value) + " at frame " + std::to_string(std::llround(time.frame)));
}

}  // namespace dreamreel::render
