#include "dreamreel/schedule/changes.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>

#include "dreamreel/schedule/clock.h"
#include "dreamreel/schedule/recipe.h"
#include "dreamreel/settings/named_curves.h"
#include "yaml_differences.h"

namespace dreamreel::schedule {
namespace {

using settings::NamedCurve;

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g s", seconds);
  return text;
}

std::string without_curves(const job::Job& job) {
  job::Job all = without_places(job);
  forget_curves(all);
  return job::to_yaml(all);
}

double seconds_of(const Plan& plan, std::int64_t frame) {
  const auto place = static_cast<std::size_t>(frame + plan.loop.run_in);
  return place < plan.seconds.size() ? plan.seconds[place] : plan.clock.on_grid(frame);
}

double value_at(const Version& version, const NamedCurve& named, std::int64_t frame) {
  const auto time = version.time_of(frame, seconds_of(version.plan, frame));
  if (!named.path.starts_with("camera.")) return named.curve->at(time);
  return named.curve->at(middle_of_step(time, 1 / time.frames_per_second, 1));
}

bool reads(const NamedCurve& named, std::string_view variable) {
  return std::ranges::any_of(named.curve->expressions(), [&](const curve::Expression* expression) {
    return std::ranges::find(expression->variables(), variable) != expression->variables().end();
  });
}

bool sound_differs(const Version& before, const Version& now) {
  const auto fingerprint = [](const Plan& plan) {
    const auto found = plan.facts.files.find("input.audio");
    return found == plan.facts.files.end() ? plan.facts.source : found->second;
  };
  return fingerprint(before.plan) != fingerprint(now.plan) || before.job.audio != now.job.audio ||
         before.job.input.audio_start != now.job.input.audio_start;
}

// The key of the first series or stem that the curve reads and that has changed; "" if there is none.
std::string changed_own_variable(const NamedCurve& named, const Version& before, const Version& now) {
  const auto fingerprint = [](const Plan& plan, const std::string& key) {
    const auto found = plan.facts.files.find(key);
    return found == plan.facts.files.end() ? "" : found->second;
  };
  for (const auto* const expression : named.curve->expressions())
    for (const auto& variable : expression->own_variables()) {
      const auto dot = variable.name.find('.');
      const std::string key = dot == std::string::npos ? "series." + variable.name
                                                       : "audio.stems." + variable.name.substr(0, dot);
      const std::string file = dot == std::string::npos ? key + ".file" : key;
      if (fingerprint(before.plan, file) != fingerprint(now.plan, file)) return key;
    }
  return "";
}

// The reason why a curve has other values although its text is the same.
std::string reason(const NamedCurve& curve, const Version& before, const Version& now) {
  const double was = before.plan.clock.duration_seconds, is = now.plan.clock.duration_seconds;
  for (const char* const name : {"T", "p"})
    if (was != is && reads(curve, name))
      return fmt::format(": it reads {}, and the job is {} long, {} before", name, seconds_text(is),
                         seconds_text(was));
  if (curve.curve->uses_sound()) return ": it reads the sound";
  return "";
}

std::optional<std::int64_t> first_difference(const NamedCurve& old, const NamedCurve& curve,
                                             const Version& before, const Version& now) {
  const std::int64_t begin = std::max(before.plan.begin(), now.plan.begin());
  const std::int64_t end = std::min(before.plan.end(), now.plan.end());
  if (old.curve->is_constant() && curve.curve->is_constant() && old.curve->min() == curve.curve->min())
    return {};
  for (std::int64_t frame = begin; frame < end; ++frame)
    if (value_at(before, old, frame) != value_at(now, curve, frame)) return frame;
  return {};
}

void add_curve_changes(const Version& before, const Version& now, std::vector<std::string>& list) {
  std::map<std::string, NamedCurve> old;
  for (auto& named : job::list_curves(before.job)) old.emplace(named.path, named);
  for (const auto& named : job::list_curves(now.job)) {
    const auto found = old.find(named.path);
    if (found == old.end()) continue;  // a change of the key above it is listed already
    const bool is_same_text = *found->second.curve == *named.curve;
    if (is_same_text && named.curve->uses_sound() && sound_differs(before, now)) {
      list.push_back(named.path + " reads the sound, which has changed");
      continue;
    }
    const std::string own = is_same_text ? changed_own_variable(named, before, now) : "";
    if (!own.empty()) {
      list.push_back(fmt::format("{} reads {}, which has changed", named.path, own));
      continue;
    }
    if (const auto frame = first_difference(found->second, named, before, now))
      list.push_back(fmt::format("{} changes from frame {} on{}", named.path, *frame,
                                 is_same_text ? reason(named, before, now) : ""));
  }
}

void add_structure_changes(const Plan& before, const Plan& now, std::vector<std::string>& list) {
  if (before.end() != now.end())
    list.push_back(
        fmt::format("the render ends with frame {}, before with frame {}", now.end() - 1, before.end() - 1));
  const auto starts = [end = std::min(before.end(), now.end())](const Plan& plan) {
    std::vector<std::int64_t> frames;
    for (const auto& shot : plan.shots)
      if (shot.begin < end) frames.push_back(shot.begin);
    return frames;
  };
  if (starts(before) != starts(now)) list.emplace_back("shots begin at other frames");
  if (before.loop != now.loop) list.emplace_back("the loop's crossfade or length");
}

void add_segment(std::vector<Segment>& list, std::int64_t begin, std::int64_t end) {
  if (begin >= end) return;
  if (!list.empty() && list.back().end == begin)
    list.back().end = end;
  else
    list.push_back({begin, end});
}

std::string text_of_segments(const std::vector<Segment>& list) {
  constexpr std::size_t kMost = 6;
  std::string text;
  for (std::size_t i = 0; i < list.size() && i < kMost; ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(list[i].begin);
    if (list[i].end - list[i].begin > 1) text += fmt::format(" to {}", list[i].end - 1);
  }
  return list.size() > kMost ? text + " and more" : text;
}

}  // namespace

std::vector<std::string> changes(const Version& before, const Version& now) {
  Facts files = before.plan.facts;
  files.job = now.plan.facts.job;
  files.range = now.plan.facts.range;
  std::vector<std::string> list = files.differences(now.plan.facts);
  add_yaml_differences(without_curves(before.job), without_curves(now.job), list);
  add_curve_changes(before, now, list);
  add_structure_changes(before.plan, now.plan, list);
  return list;
}

std::string in_words(const Outstanding& outstanding, const std::vector<Piece>& pieces) {
  std::vector<Segment> rendered, encoded, kept;
  std::int64_t done = pieces.empty() ? 0 : pieces.front().begin;
  for (const auto& task : outstanding.tasks) {
    if (task.end <= 0) continue;  // a task of a loop's run-in
    const std::int64_t begin = std::max(task.begin, std::min(task.resume, task.end));
    for (const auto& piece : pieces)  // pieces that this render does not include may lie between two tasks
      add_segment(kept, std::max(done, piece.begin), std::min(task.begin, piece.end));
    add_segment(encoded, task.begin, begin);
    add_segment(rendered, begin, task.end);
    done = task.end;
  }
  for (const auto& piece : pieces) add_segment(kept, std::max(done, piece.begin), piece.end);
  std::string text;
  const auto say = [&](const std::vector<Segment>& list, const char* what) {
    if (!list.empty()) text += (text.empty() ? "frames " : ", ") + text_of_segments(list) + what;
  };
  say(rendered, " are rendered");
  say(encoded, rendered.empty() ? " are encoded again" : " encoded again");
  say(kept, rendered.empty() && encoded.empty() ? " are kept" : " kept");
  return text;
}

}  // namespace dreamreel::schedule
