#include "dreamreel/study/curve_sheet.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/core/error.h"
#include "dreamreel/footage/sound_track.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/curves.h"

namespace dreamreel::study {
namespace {

constexpr std::size_t kMostOnASheet = 250'000;  // frames or bars; three hours at 24 frames a second

void add_frame(CurveSheet& sheet, const schedule::FrameRange& range, std::int64_t frame, double seconds) {
  if (frame < range.begin || (range.end && frame >= *range.end)) return;
  if (sheet.frames.size() == kMostOnASheet)
    throw UsageError(
        fmt::format("--curves: expected at most {} frames, got more; give a part of them with --frames A..B",
                    kMostOnASheet));
  sheet.frames.push_back(frame);
  sheet.seconds.push_back(seconds);
}

// Finds the time of each frame. Counts on from the first frame if the source is certain, else decodes the
// source.
void find_frames(footage::FrameSource& source, const schedule::FrameRange& range, CurveSheet& sheet) {
  const auto& info = source.info();
  const double rate = info.frame_rate.value();
  sheet.frames_per_second = rate;
  if (info.frame_count && info.frame_count_is_exact && !info.variable_rate) {
    const auto end = std::min(*info.frame_count, range.end.value_or(*info.frame_count));
    const auto first = source.next();  // it may be late, because sound may begin before the picture
    const double start = first ? first->seconds - static_cast<double>(first->index) / rate : 0;
    for (std::int64_t frame = range.begin; frame < end; ++frame)
      add_frame(sheet, range, frame, start + static_cast<double>(frame) / rate);
  } else {
    while (const auto frame = source.next()) {
      if (range.end && frame->index >= *range.end) break;
      add_frame(sheet, range, frame->index, frame->seconds);
    }
  }
  if (sheet.frames.empty()) throw UsageError("the range of frames is empty");
}

// The bar of the first frame, and those that begin in later frames, as the variable `bar` counts them.
void add_bars(const BeatGrid& grid, double end, CurveSheet& sheet) {
  const auto begin_of = [&](double number) { return grid.seconds_at(number * grid.meter()); };
  constexpr double kFurthest = 1e12;  // bars; a time stamp may be any number
  double bar = std::clamp(sheet.levels.front().bar, -kFurthest, kFurthest);
  sheet.first_bar = static_cast<std::int64_t>(bar);
  for (double begin = begin_of(bar); begin < end && sheet.bars.size() < kMostOnASheet;
       begin = begin_of(++bar))
    sheet.bars.push_back(begin);
}

void add_sound(const footage::SoundTrack& sound, CurveSheet& sheet) {
  const auto& analysis = sound.analysis();
  sheet.has_sound = true;
  sheet.tempo_bpm = analysis.tempo_bpm;
  const double end = sheet.seconds.back() + 1 / sheet.frames_per_second;
  for (const double beat : analysis.beats)
    if (beat >= sheet.seconds.front() && beat < end) sheet.beats.push_back(beat);
  for (std::size_t i = 0; i < sheet.seconds.size(); ++i) {
    static_cast<SoundLevels&>(sheet.levels[i]) = sound.at(sheet.seconds[i]);
    if (sound.beats() != nullptr)
      sound.beats()->set_counts(sheet.seconds[i], sheet.frames_per_second, sheet.levels[i]);
    const auto place =
        static_cast<std::size_t>(std::max(0.0, std::round(sheet.seconds[i] * sheet.frames_per_second)));
    if (place < analysis.peaks.size()) sheet.peaks[i] = analysis.peaks[place];
  }
  if (sound.beats() != nullptr) add_bars(*sound.beats(), end, sheet);
}

// The times at which a render reads its curves.
std::vector<curve::CurveTime> times_of(const footage::Timeline& timeline, const CurveSheet& sheet) {
  std::vector<curve::CurveTime> times;
  for (std::size_t i = 0; i < sheet.frames.size(); ++i)
    times.push_back(timeline.at(sheet.frames[i], sheet.seconds[i]));
  return times;
}

void add_curves(const job::Job& job, const std::vector<curve::CurveTime>& times, CurveSheet& sheet) {
  constexpr std::size_t kMostValues = 20'000'000;
  const auto curves = job::list_curves(job);
  if (curves.size() > kMostValues / sheet.frames.size())
    throw UsageError(
        fmt::format("--curves: expected at most {} values, got {} curves of {} frames; give a part of them "
                    "with --frames A..B",
                    kMostValues, curves.size(), sheet.frames.size()));
  for (const auto& named : curves) {
    CurveColumn column{named.path, {}, named.curve->is_constant()};
    for (const auto& time : times) column.values.push_back(named.curve->at(time));
    sheet.columns.push_back(std::move(column));
  }
}

void add_own_variables(const job::Job& job, const std::vector<curve::CurveTime>& times, CurveSheet& sheet) {
  if (times.front().own == nullptr) return;
  for (const auto& name : job::own_variables_read(job)) {
    CurveColumn column{name, {}, false};
    for (const auto& time : times) column.values.push_back(time.own->at(name, time));
    sheet.own_variables.push_back(std::move(column));
  }
}

}  // namespace

CurveSheet curve_sheet(const job::Job& job, const schedule::FrameRange& frames) {
  return image::with_torch_errors([&] {
    CurveSheet sheet;
    const auto source = footage::open_source(job, frames.begin);
    find_frames(*source, frames, sheet);
    sheet.levels.resize(sheet.frames.size());
    sheet.peaks.resize(sheet.frames.size());
    const footage::Timeline timeline(job, source->info());
    const auto times = times_of(timeline, sheet);
    for (std::size_t i = 0; i < times.size(); ++i) sheet.seconds[i] = times[i].seconds;
    if (const auto sound = footage::load_sound(job, source->info())) add_sound(*sound, sheet);
    if (const auto range = footage::sound_of(job, source->info())) {
      sheet.sound_file = range->path;
      sheet.sound_start_seconds = range->start_seconds;
    }
    add_own_variables(job, times, sheet);
    add_curves(job, times, sheet);
    return sheet;
  });
}

}  // namespace dreamreel::study
