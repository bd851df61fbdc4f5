// Jobs with the plan and the sound that a render would have found, for tests of the keys of their frames.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dreamreel/curve/series.h"
#include "dreamreel/job/files.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/schedule/feedback.h"
#include "dreamreel/schedule/frame_keys.h"
#include "support/files.h"
#include "support/key_changes.h"

namespace dreamreel::schedule {

constexpr double kRate = 24;
constexpr std::int64_t kClip = 48;  // frames of the clip that the jobs name

// The facts that a render would read from a job's files. The paths stand for the contents.
inline Facts facts_of(job::Job job) {
  Facts facts;
  facts.version = "1";
  for (const auto& [key, path] : job::list_files(job))
    (path == &job.input.path ? facts.source : facts.files[key]) = path->string();
  auto networks = job::networks_of(job);
  for (const auto& network : job::mask_networks_of(job)) networks.push_back(network);
  for (const auto& network : networks) {
    facts.network += network.path.string() + " " + network.labels.string() + " " + network.input.order + " " +
                     std::to_string(network.input.scale);
    for (std::size_t i = 0; i < network.input.mean.size(); ++i)
      facts.network +=
          " " + std::to_string(network.input.mean[i]) + "/" + std::to_string(network.input.std[i]);
    facts.network += "\n";
  }
  return facts;
}

// Stands for the series and stems of a job: another file, or other rules, give other values. Series may have
// a text in place of a file.
class OwnWorld : public curve::OwnValues {
 public:
  explicit OwnWorld(const job::Job& job) : job_(job) {}
  void set_text(const std::string& name, const std::string& text) {
    series_.insert_or_assign(name, curve::Series(text, job_.series.at(name).rules));
  }

  double at(const std::string& variable, const curve::CurveTime& time) const override {
    if (const auto known = series_.find(variable); known != series_.end()) return known->second.at(time);
    std::string text = variable;
    if (const auto series = job_.series.find(variable); series != job_.series.end()) {
      const auto& rules = series->second.rules;
      text += series->second.file.filename().string() + rules.column + "/" + rules.time_column + "/" +
              rules.list + "/" + std::to_string(rules.rate.value_or(0)) + (rules.holds ? "h" : "") +
              std::to_string(rules.unit ? static_cast<int>(*rules.unit) : -1);
    }
    if (const auto stem = job_.audio.stems.find(variable.substr(0, variable.find('.')));
        stem != job_.audio.stems.end())
      text += stem->second.filename().string();
    return std::fmod(0.1 * time.frame + 0.001 * static_cast<double>(std::hash<std::string>()(text) % 1000),
                     1.0);
  }

 private:
  job::Job job_;
  std::map<std::string, curve::Series> series_;
};

// A job with the plan and the sound that a render would have found.
struct World {
  job::Job job;
  Plan plan;
  std::vector<SoundLevels> sound;
  BeatGrid grid{grid_of(job.audio)};
  std::shared_ptr<OwnWorld> own = std::make_shared<OwnWorld>(job);

  explicit World(const job::Job& said, std::int64_t segment_frames = 12) : job(said) {
    FirstPass pass;
    const auto length = [&](const TimePoint& time) { return std::llround(time.seconds(kRate) * kRate); };
    std::int64_t frames = kClip;
    if (job.input.noise) frames = length(job.input.noise->duration);
    if (job.input.duration) frames = length(*job.input.duration);
    if (job.input.trim_end) frames = std::min<std::int64_t>(frames, length(*job.input.trim_end));
    if (job.input.trim_start) frames -= length(*job.input.trim_start);
    if (job.output.loop && is_feedback(job)) pass.loop = loop_of_feedback(job, frames, kRate);
    if (job.output.loop && !is_feedback(job))
      pass.loop = loop_of_clip(frames, run_in_lengths(job, frames, kRate).usual);
    if (pass.loop) frames = pass.loop.length;
    pass.clock.duration_seconds = static_cast<double>(frames) / kRate;
    pass.clock.frame_count = frames;
    const bool has_cut = job.temporal.cuts.found && !is_feedback(job) && frames > 20;
    pass.shots = has_cut ? std::vector<Shot>{{0, 20}, {20, frames}} : std::vector<Shot>{{0, frames}};
    for (std::size_t i = 0; i < job.temporal.cuts.fades.size(); ++i) {
      if (!job.temporal.cuts.fades[i]) continue;
      const std::int64_t begin = length(job.temporal.cuts.times[i]), end = pass.shots.back().end;
      const std::int64_t faded = length(*job.temporal.cuts.fades[i]);
      pass.fades.push_back({begin, begin + faded, faded, pass.shots.back().begin, {i}});
      pass.shots.back().end = begin;
      pass.shots.push_back({begin, end});
    }
    if (pass.loop) pass.run_in = {{-pass.loop.run_in, 0}};
    pass.shot_start = -pass.loop.run_in;
    plan = plan_of(job, facts_of(job), pass, segment_frames);
    for (std::int64_t frame = 0; frame < frames; ++frame) sound.push_back(levels_at(frame));
  }

  // Stands for the beats that the job's rules give.
  static BeatGrid grid_of(const job::Audio& audio) {
    const double bpm = audio.bpm ? audio.bpm->slowest : 120;
    return BeatGrid({audio.first_beat ? audio.first_beat->seconds(kRate) : 0}, bpm, audio.beats_of_bar());
  }

  // Stands for analysed sound: another file, attack or release gives other levels.
  SoundLevels levels_at(std::int64_t frame) const {
    const auto file = 0.37 * static_cast<double>(job.input.audio ? job.input.audio->string().size() : 0);
    const auto level = [&](const job::Smoothing& smoothing, double place) {
      return std::fmod(0.1 * static_cast<double>(frame) + file + place + smoothing.attack_seconds +
                           7.3 * smoothing.release_seconds,
                       1.0);
    };
    return {level(job.audio.loudness, 0.1), level(job.audio.bass, 0.2),  level(job.audio.mid, 0.3),
            level(job.audio.treble, 0.4),   level(job.audio.onset, 0.5), level(job.audio.beat, 0.6)};
  }

  FrameKeys::TimeOf time_of() const {
    return [this](std::int64_t frame, double seconds) {
      auto time = plan.clock.at(frame, seconds);
      const auto nearest = static_cast<std::size_t>(std::llround(time.frame));
      time.sound = nearest < sound.size() ? &sound[nearest] : nullptr;
      time.beats = &grid;
      time.own = own.get();
      return time;
    };
  }

  FrameKeys keys() const { return {job, plan, time_of()}; }
};

struct Keys {
  std::vector<std::string> dream, shown;
  std::vector<std::string> parts;
};

inline Keys keys_of(const World& world) {
  const auto keys = world.keys();
  Keys all;
  for (std::int64_t frame = world.plan.begin(); frame < world.plan.end(); ++frame) {
    all.dream.push_back(keys.of(frame).dream);
    all.shown.push_back(keys.of(frame).shown);
  }
  for (const auto& [begin, key] : keys.part_keys())
    if (begin >= 0) all.parts.push_back(key);
  return all;
}

// The first and the last frame whose keys differ, as "from..to"; "" if none differs.
inline std::string changed(const std::vector<std::string>& before, const std::vector<std::string>& now) {
  std::string text;
  std::size_t first = before.size(), last = 0;
  for (std::size_t i = 0; i < std::min(before.size(), now.size()); ++i)
    if (before[i] != now[i]) first = std::min(first, i), last = i;
  return first == before.size() ? "" : std::to_string(first) + ".." + std::to_string(last);
}

class Jobs : public testing::Test {
 protected:
  // A job from a file with this text, read with overrides.
  job::Job job(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    test::write_file(folder_ / "job.yaml", text);
    auto options = job::default_load_options();
    options.overrides = overrides;
    return job::load_job(folder_ / "job.yaml", options);
  }

  const std::string clip_ = test::kClipJob, noise_ = test::kNoiseJob, still_ = test::kStillJob;
  test::ScratchDir folder_;
};

}  // namespace dreamreel::schedule
