#include "dreamreel/footage/asked_cuts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "add_sound.h"
#include "dreamreel/core/error.h"
#include "dreamreel/footage/own_variables.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/settings/key_places.h"

namespace dreamreel::footage {
namespace {

std::string text_of_seconds(double seconds) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6g s", seconds);
  return text;
}

std::int64_t count_until(const std::vector<double>& rising, double value) {
  return std::upper_bound(rising.begin(), rising.end(), value) - rising.begin();
}

// The time that needs the beats, or all cuts if an expression does.
std::string name_of_counting_cut(const job::Cuts& cuts) {
  const auto counting = std::ranges::find_if(cuts.times, &TimePoint::counts_beats);
  if (counting == cuts.times.end()) return "temporal.cuts";
  return job::key_of_time(cuts, static_cast<std::size_t>(counting - cuts.times.begin()));
}

double seconds_of(const TimePoint& time, const BeatGrid* beats, double frames_per_second) {
  return time.counts_beats() ? beats->seconds_at(time) : time.seconds(frames_per_second);
}

// Scenes in different units can be compared only now. The keys of a scene that begins before the one in front
// of it would hold in the wrong places.
void expect_rising_scenes(const job::Job& job, const BeatGrid* beats, double frames_per_second) {
  const auto& cuts = job.temporal.cuts;
  const auto seconds = [&](const TimePoint& time) { return seconds_of(time, beats, frames_per_second); };
  for (const auto& named : job::list_curves(job)) {
    if (!schedule::is_of_scenes(*named.curve, cuts)) continue;
    const auto& keys = named.curve->keys();
    for (std::size_t i = 2; i < keys.size(); ++i) {
      const TimePoint &before = keys[i - 1].time, &time = keys[i].time;
      if (seconds(time) > seconds(before)) continue;
      const auto cut = std::ranges::find(cuts.times, time) - cuts.times.begin();
      throw JobError(fmt::format("{}: expected a time after {}, which is at {}, got {}, which is at {}",
                                 job::key_of_time(cuts, static_cast<std::size_t>(cut)), to_string(before),
                                 text_of_seconds(seconds(before)), to_string(time),
                                 text_of_seconds(seconds(time))));
    }
  }
}

}  // namespace

AskedCuts::AskedCuts(const job::Job& job, const media::VideoInfo& info, const std::atomic<bool>* stop)
    : cuts_(job.temporal.cuts),
      beats_of_phrase_(job.audio.beats_of_bar() * kBarsOfPhrase),
      clock_(clock_of(info)) {
  if (cuts_.uses_sound())
    sound_ = needed_sound(job, info, name_of_counting_cut(cuts_), cuts_.counts_beats(), stop);
  if (cuts_.reads_own_variables()) own_ = load_own_variables(job, info, stop);
  for (const auto& time : cuts_.times) {
    due_.push_back(due_time(time, sound_ ? sound_->beats() : nullptr, clock_.frames_per_second));
    first_frames_.push_back(due_.back().first_frame(clock_.frames_per_second));
    rising_.at(static_cast<std::size_t>(due_.back().by)).push_back(due_.back().at);
  }
  expect_rising_scenes(job, sound_ ? sound_->beats() : nullptr, clock_.frames_per_second);
  for (auto& times : rising_) std::ranges::sort(times);
  find_fades();
  if (job.temporal.passes > 1 && !fades_.empty())
    throw JobError(
        key_of_fade(fades_.front()) +
        ": expected no crossfade beside temporal.passes: 2, because a backward pass ends at a cut; let "
        "the scene begin with a cut, or set temporal.passes: 1");
}

void AskedCuts::find_fades() {
  const BeatGrid* const beats = sound_ ? sound_->beats() : nullptr;
  const double rate = clock_.frames_per_second;
  for (std::size_t i = 0; i < cuts_.fades.size() && i < cuts_.times.size(); ++i) {
    if (!cuts_.fades[i]) continue;
    const TimePoint& length = *cuts_.fades[i];
    TimedFade fade{i, seconds_of(cuts_.times[i], beats, rate), length.seconds(rate)};
    if (length.counts_beats()) {  // beats are not all of one length, so they are counted from the cut on
      const double count = length.value * (length.unit == TimePoint::Unit::bars ? beats->meter() : 1);
      fade.seconds = beats->seconds_at(beats->beats_at(fade.from_seconds) + count) - fade.from_seconds;
    }
    fade.frames = std::max<std::int64_t>(1, std::llround(fade.seconds * rate));
    expect_room(fade);
    fades_.push_back(fade);
  }
  expect_one_fade_a_frame();
}

std::string AskedCuts::key_of_fade(const TimedFade& fade) const {
  return job::key_of_time(cuts_, fade.cut) + ".crossfade";
}

void AskedCuts::expect_one_fade_a_frame() const {
  for (std::size_t i = 1; i < fades_.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (const auto frame = first_frames_[fades_[i].cut]; first_frames_[fades_[j].cut] == frame)
        throw JobError(fmt::format(
            "{}: expected one cross-fade at frame {}, but {} begins there too; take one of them out",
            key_of_fade(fades_[i]), frame, key_of_fade(fades_[j])));
}

// Two fades must not overlap, because a frame shows at most two dreams. So both scenes have to be at least as
// long as the fade between them. Cuts in one frame are one cut, in whatever units they are written.
void AskedCuts::expect_room(const TimedFade& fade) const {
  const BeatGrid* const beats = sound_ ? sound_->beats() : nullptr;
  const double rate = clock_.frames_per_second, tolerance = 0.5 / rate;
  const std::int64_t frame = first_frames_[fade.cut];
  double before = 0, behind = clock_.duration_seconds > 0 ? clock_.duration_seconds : 1e12;
  for (std::size_t i = 0; i < due_.size(); ++i) {
    const double seconds = seconds_of(cuts_.times[i], beats, rate);
    if (first_frames_[i] < frame) before = std::max(before, seconds);
    if (first_frames_[i] > frame) behind = std::min(behind, seconds);
  }
  if (fade.from_seconds >= behind) return;  // the cut never comes, which never() tells
  const auto refuse = [&](const std::string& scene, double length) {
    throw JobError(
        fmt::format("{}: expected at most the length of the scene {} it, which is {}, got {} ({}); make the "
                    "cross-fade shorter",
                    key_of_fade(fade), scene, text_of_seconds(length), to_string(*cuts_.fades[fade.cut]),
                    text_of_seconds(fade.seconds)));
  };
  if (fade.seconds > fade.from_seconds - before + tolerance) refuse("before", fade.from_seconds - before);
  if (fade.seconds > behind - fade.from_seconds + tolerance) refuse("behind", behind - fade.from_seconds);
}

void AskedCuts::expect_no_fade_in(const schedule::Loop& loop) const {
  if (!loop) return;
  const double rate = clock_.frames_per_second;
  const double begin = static_cast<double>(loop.length - loop.crossfade) / rate;
  for (const auto& fade : fades_)
    if (fade.from_seconds + fade.seconds > begin &&
        fade.from_seconds < static_cast<double>(loop.length) / rate)
      throw JobError(fmt::format(
          "{}: expected an end before the crossfade of the loop, which begins at {}, got one at {}; let the "
          "scene begin earlier, or make a crossfade shorter",
          key_of_fade(fade), text_of_seconds(begin), text_of_seconds(fade.from_seconds + fade.seconds)));
}

std::vector<std::string> AskedCuts::never() const {
  std::vector<std::string> list;
  const double length = clock_.duration_seconds;
  for (const auto& time : cuts_.times) {
    const double at = seconds_of(time, sound_ ? sound_->beats() : nullptr, clock_.frames_per_second);
    if (length > 0 && at >= length)
      list.push_back(fmt::format(
          "temporal.cuts: the cut or scene at {} never comes: it is at {}, and the job is {} long",
          to_string(time), text_of_seconds(at), text_of_seconds(length)));
  }
  return list;
}

bool AskedCuts::begins(std::int64_t frame, double seconds) {
  fade_.reset();
  if (is_empty()) return false;
  Counts now = counts_at(frame, seconds);
  bool is_cut = false;
  if (before_) {
    is_cut = now.times > before_->times;
    if (is_cut && !fades_.empty()) take_fade(before_->time, now.time);
    for (std::size_t i = 0; i < now.values.size(); ++i)
      is_cut |= now.values[i] > before_->values[i] &&
                (!cuts_.rises[i].counts_beats() || is_in_music(*before_, now));
  }
  before_ = std::move(now);
  return is_cut;
}

// Takes the cross-fade that begins between two neighbouring frames, with all cuts that come there.
void AskedCuts::take_fade(const curve::CurveTime& before, const curve::CurveTime& now) {
  schedule::AskedFade asked;
  for (std::size_t i = 0; i < due_.size(); ++i) {
    if (!due_[i].has_come(now) || due_[i].has_come(before)) continue;
    asked.cuts.push_back(i);
    const auto fade = std::ranges::find(fades_, i, &TimedFade::cut);
    if (fade != fades_.end()) asked.frames = fade->frames;
  }
  if (asked.frames > 0) fade_ = std::move(asked);
}

// Before the first beat there is no music to cut to. The first beat itself is a cut only behind an intro of
// at least a phrase, because the dream of a short one has only just begun.
bool AskedCuts::is_in_music(const Counts& before, const Counts& now) const {
  if (now.beats < 0) return false;
  return before.beats >= 0 || sound_->beats()->beats_at(0) <= -beats_of_phrase_;
}

AskedCuts::Counts AskedCuts::counts_at(std::int64_t frame, double seconds) {
  curve::CurveTime time = clock_.at(frame, seconds);
  if (sound_) add_sound(*sound_, time);
  time.own = own_.get();
  Counts counts;
  if (time.beats != nullptr) {
    SoundValues values;
    time.beats->set_counts(time.seconds, clock_.frames_per_second, values);
    counts.beats = values.beats;
  }
  counts.time = time;
  for (const auto by : {DueTime::By::frame, DueTime::By::seconds, DueTime::By::beat})
    counts.times += count_until(rising_.at(static_cast<std::size_t>(by)), DueTime::place_of(time, by));
  for (const auto& expression : cuts_.rises) {
    work_ += static_cast<double>(expression.cost());
    counts.values.push_back(value_of(expression, time));
  }
  constexpr double kMostWork = 5e9;  // characters; about half a minute
  if (work_ > kMostWork)
    throw JobError(
        fmt::format("temporal.cuts: the expressions are too long for {} frames; make them shorter, or give "
                    "the cuts as a list of times",
                    frame));
  return counts;
}

double AskedCuts::value_of(const curve::Expression& expression, const curve::CurveTime& time) const {
  const double value = expression.at(time);
  if (std::isfinite(value)) return std::floor(value);
  throw JobError(fmt::format("temporal.cuts: expected a number, but '{}' gives {} at frame {}",
                             expression.text(), value, std::llround(time.frame)));
}

}  // namespace dreamreel::footage
