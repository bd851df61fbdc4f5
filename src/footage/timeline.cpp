#include "dreamreel/footage/timeline.h"

#include <algorithm>

#include "add_sound.h"
#include "dreamreel/footage/own_variables.h"
#include "dreamreel/settings/key_places.h"

namespace dreamreel::footage {
namespace {

// Counted in frames where possible, because the container's duration may be the audio stream's.
double length_seconds(const media::VideoInfo& info) {
  if (info.is_still && info.frame_count.value_or(1) == 1) return 0;
  if (info.frame_count && !info.variable_rate)
    return static_cast<double>(*info.frame_count) / info.frame_rate.value();
  return info.duration_seconds;
}

// The curve's path, or the cut at which it counts: the curves of scenes have keys at the scenes' cuts.
std::string path_of_counting(const settings::NamedCurve& named, const job::Cuts& cuts) {
  if (std::ranges::any_of(named.curve->expressions(), &curve::Expression::counts_beats)) return named.path;
  const auto cut = std::ranges::find_if(cuts.times, &TimePoint::counts_beats);
  const auto is_cut = [&](const auto& key) {
    return !key.time.counts_beats() || std::ranges::find(cuts.times, key.time) != cuts.times.end();
  };
  if (cut == cuts.times.end() || !std::ranges::all_of(named.curve->keys(), is_cut)) return named.path;
  return job::key_of_time(cuts, static_cast<std::size_t>(cut - cuts.times.begin()));
}

}  // namespace

schedule::Clock clock_of(const media::VideoInfo& info) {
  schedule::Clock clock;
  clock.frames_per_second = info.frame_rate.value();
  clock.duration_seconds = length_seconds(info);
  clock.tick_seconds = std::min(info.time_base.value(), 0.5 / clock.frames_per_second);
  clock.has_grid = !info.variable_rate;
  clock.frame_count = info.frame_count.value_or(0);
  return clock;
}

Timeline::Timeline(const job::Job& job, const media::VideoInfo& info, const std::atomic<bool>* stop)
    : varying_(job::list_curves(job)), clock_(clock_of(info)) {
  const auto counting =
      std::ranges::find_if(varying_, [](const auto& named) { return named.curve->counts_beats(); });
  if (counting != varying_.end())
    sound_ = needed_sound(job, info, path_of_counting(*counting, job.temporal.cuts), true, stop);
  else if (const auto* const named = settings::first_that_needs_sound(varying_))
    sound_ = needed_sound(job, info, named->path, false, stop);
  own_ = load_own_variables(job, info, stop);
  std::erase_if(varying_, [](const auto& named) { return named.curve->expressions().empty(); });
  check_curves_ahead(info.frame_count.value_or(1));
}

curve::CurveTime Timeline::at(const media::VideoFrame& frame) const {
  const auto time = at(frame.index, frame.seconds);
  settings::check_curves(varying_, time);
  return time;
}

curve::CurveTime Timeline::at(std::int64_t frame, double seconds) const {
  curve::CurveTime time = clock_.at(frame, seconds);
  if (sound_) add_sound(*sound_, time);
  time.own = own_.get();
  return time;
}

// Checks curves at every frame. For jobs that are as long as films and have very long expressions, only one
// frame in some and the last frame are checked. The others are checked when they are rendered.
void Timeline::check_curves_ahead(std::int64_t frames) const {
  if (varying_.empty()) return;
  constexpr std::int64_t kMostWork = 200'000'000;  // about a second
  const std::int64_t checked = std::max<std::int64_t>(kMostWork / settings::cost_of(varying_), 1);
  const std::int64_t stride = (frames + checked - 1) / checked;
  const auto check = [&](std::int64_t n) { settings::check_curves(varying_, at(n, clock_.on_grid(n))); };
  for (std::int64_t n = 0; n < frames; n += stride) check(n);
  if (stride > 1) check(frames - 1);
}

}  // namespace dreamreel::footage
