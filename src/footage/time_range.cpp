#include "dreamreel/footage/time_range.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/footage/due_time.h"
#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/sound_track.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "scan.h"

namespace dreamreel::footage {
namespace {

constexpr double kRoundedTimes = 0.25;  // in frames, because containers round times

// Finds the first frame at or after rising times. Headers do not reliably say whether the rate varies. So the
// frames of a clip are read, unless an earlier first pass kept their times.
class FrameFinder {
 public:
  FrameFinder(const job::Job& job, const std::atomic<bool>* stop)
      : job_(job),
        source_(open_source_in_background(job, 0, stop, {}, kThumbnailSide)),
        stop_(stop),
        is_regular_(source_->frames_of_one_shot().has_value()),
        clock_(clock_of(source_->info())) {
    if (is_regular_) return;
    scan_ = kept_scan(source_->key());
    if (!scan_) next();
  }

  std::int64_t at(const TimePoint& time) {
    if (time.unit == TimePoint::Unit::frames) return std::llround(time.value);
    return at_or_after(due_time(time, time.counts_beats() ? beats(time) : nullptr, clock_.frames_per_second));
  }

  // Refuses a range outside the job in the words in which it was given. Passes if the number of frames is not
  // known. `begin`: the last time that was looked for.
  void expect_within(const TimePoint& time, std::int64_t frame, bool is_begin, const std::string& range) {
    const auto frames = frame_count();
    if (!frames || (is_begin ? frame < *frames : frame <= *frames)) return;
    throw UsageError(fmt::format(
        "--frames {}: expected a time within the job, which has {} frames and ends at {}, got {}{}", range,
        *frames, end_of_job(*frames, time), to_string(time),
        is_begin ? "" : "; leave the end out for all up to the end of the job"));
  }

 private:
  std::optional<std::int64_t> frame_count() const {
    if (is_regular_) return source_->frames_of_one_shot();
    if (scan_) return std::ssize(scan_->seconds) - source_->loop().run_in;
    if (!now_) return last_ + 1;
    return {};
  }

  // In the unit of `like`.
  std::string end_of_job(std::int64_t frames, const TimePoint& like) const {
    const double rate = clock_.frames_per_second;
    double end = static_cast<double>(frames) / rate;
    if (!is_regular_) end = (scan_ ? scan_->seconds.back() : last_seconds_) + 1 / rate;
    const auto rounded = [](double value) { return std::round(value * 100) / 100; };
    std::string text = to_string(TimePoint{rounded(end)});
    if (!like.counts_beats() || !sound_) return text;
    const bool bars = like.unit == TimePoint::Unit::bars;
    const double beats = sound_->beats()->beats_at(end) / (bars ? sound_->beats()->meter() : 1);
    return fmt::format("{}, which is {}", text,
                       to_string(TimePoint{rounded(std::max(0.0, beats)), like.unit}));
  }

  // The sound is listened to once.
  const BeatGrid* beats(const TimePoint& time) {
    if (!sound_) sound_ = needed_sound(job_, source_->info(), "--frames " + to_string(time), true, stop_);
    return sound_->beats();
  }

  std::int64_t at_or_after(const DueTime& due) {
    if (is_regular_) return due.first_frame(clock_.frames_per_second);
    if (scan_) return in_scan(due);
    while (now_ && !due.has_come(clock_.at(now_->index, now_->seconds))) next();
    return now_ ? now_->index : last_ + 1 + frames_behind(last_seconds_, due.at);
  }

  // Skips a loop's run-in, whose frames have numbers below 0.
  void next() {
    do {
      throw_if_stopped(stop_, "interrupted while looking for the frames");
      if (now_) {
        last_ = now_->index;
        last_seconds_ = now_->seconds;
      }
      now_ = source_->next();
    } while (now_ && now_->index < 0);
  }

  std::int64_t in_scan(const DueTime& due) const {
    const auto first = scan_->seconds.begin() + source_->loop().run_in;
    const auto is_early = [&](const double& seconds) {
      return !due.has_come(clock_.at(std::distance(&*first, &seconds), seconds));
    };
    const auto found = std::partition_point(first, scan_->seconds.end(), is_early);
    const bool is_behind = found == scan_->seconds.end() && found != first;
    return found - first + (is_behind ? frames_behind(scan_->seconds.back(), due.at) : 0);
  }

  // The number of frames by which a clip would have to be longer to reach a time after its last frame. A
  // range that begins there is refused.
  std::int64_t frames_behind(double last_seconds, double earliest) const {
    const double rate = clock_.frames_per_second;
    const double frames = (earliest - last_seconds) * rate - kRoundedTimes;
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(frames)) - 1);
  }

  const job::Job& job_;
  std::unique_ptr<FrameSource> source_;
  std::optional<SoundTrack> sound_;
  const std::atomic<bool>* stop_;
  const bool is_regular_;  // true for noise and for a still that becomes a video
  const schedule::Clock clock_;
  std::optional<Scan> scan_;
  std::optional<media::VideoFrame> now_;
  std::int64_t last_ = -1;
  double last_seconds_ = 0;
};

}  // namespace

schedule::FrameRange frames_between(const job::Job& job, const TimePoint& begin,
                                    const std::optional<TimePoint>& end, const std::atomic<bool>* stop) {
  FrameFinder finder(job, stop);
  schedule::FrameRange range;
  const std::string name = to_string(begin) + ".." + (end ? to_string(*end) : "");
  range.begin = finder.at(begin);
  finder.expect_within(begin, range.begin, true, name);
  if (end) range.end = finder.at(*end);
  if (range.end && *range.end <= range.begin)
    throw UsageError(fmt::format("--frames {}: no frame lies in between", name));
  if (end) finder.expect_within(*end, *range.end, false, name);
  return range;
}

}  // namespace dreamreel::footage
