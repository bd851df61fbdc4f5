#include "dreamreel/schedule/first_pass.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "dreamreel/core/plain_file.h"
#include "json_values.h"

namespace dreamreel::schedule {

using nlohmann::json;

namespace {

void extend(std::vector<Shot>& shots, std::int64_t index, bool is_cut) {
  if (is_cut || shots.empty()) shots.push_back({index, index});
  shots.back().end = index + 1;
}

}  // namespace

ShotList::ShotList(const FrameRange& range, FirstPass& pass) : range_(range), pass_(pass) {
  index_ = shot_ = pass_.shot_start = -pass_.loop.run_in;
}

// A cut ends the cross-fade in which it comes.
void ShotList::take_fade(std::int64_t index, const std::optional<AskedFade>& fade) {
  if (!pass_.fades.empty()) pass_.fades.back().end = std::min(pass_.fades.back().end, index);
  if (fade && fade->frames > 0 && index > 0)
    pass_.fades.push_back({index, index + fade->frames, fade->frames, shot_, fade->cuts});
  shot_ = index;
}

void ShotList::add(bool is_cut, const std::optional<AskedFade>& fade) {
  const std::int64_t index = index_++;
  const bool is_behind = range_.end && index >= *range_.end;
  is_shot_over_ = is_shot_over_ || (is_behind && is_cut);
  if (!is_shot_over_) pass_.shot_end = index + 1;
  if (is_behind) return;
  if (is_cut) take_fade(index, fade);
  if (index == range_.begin) std::erase_if(pass_.fades, [&](const Fade& one) { return one.end <= index; });
  if (is_cut && index <= range_.begin) pass_.shot_start = index;
  if (index < 0) extend(pass_.run_in, index, is_cut);
  if (index >= range_.begin) extend(pass_.shots, index, is_cut);
}

void set_times(FirstPass& pass, std::vector<double> seconds) {
  constexpr double kRounding = 1e-9;             // seconds; the rounding of doubles
  constexpr std::size_t kMostOffGrid = 400'000;  // more times would not fit into a plan's text
  std::int64_t frame = -pass.loop.run_in;
  const bool on_grid = std::ranges::all_of(
      seconds, [&](double time) { return std::abs(time - pass.clock.on_grid(frame++)) <= kRounding; });
  pass.has_times = on_grid || seconds.size() <= kMostOffGrid;
  if (!on_grid && pass.has_times) pass.seconds = std::move(seconds);
}

std::string to_json(const std::string& key, const FirstPass& pass) {
  const json root{{"key", key},
                  {"shots", shots_to_json(pass.shots)},
                  {"loop", loop_to_json(pass.loop)},
                  {"run_in", shots_to_json(pass.run_in)},
                  {"fades", fades_to_json(pass.fades)},
                  {"shot_start", pass.shot_start},
                  {"shot_end", pass.shot_end},
                  {"first_pts", pass.first_pts},
                  {"first_seconds", pass.first_seconds},
                  {"source_clock", clock_to_json(pass.clock)},
                  {"seconds", pass.seconds},
                  {"has_times", pass.has_times},
                  {"damage", pass.damage}};
  return sealed_text(root);
}

std::optional<FirstPass> first_pass_from_json(std::string_view text, const std::string& key) {
  try {
    expect_small_json(text);
    const json root = json::parse(text);
    if (root.at("key") != key || !expect_seal_fits(root)) return {};
    FirstPass pass;
    pass.shots = shots_of(root.at("shots"));
    pass.loop = loop_of(root.at("loop"));
    pass.run_in = run_in_of(root.at("run_in"), pass.loop);
    if (root.contains("fades")) pass.fades = fades_of(root.at("fades"));
    pass.shot_start = frame_of(root.at("shot_start"), -kMostFrames);
    pass.shot_end = frame_of(root.at("shot_end"));
    pass.first_pts = pts_of(root.at("first_pts"));
    pass.first_seconds = root.at("first_seconds").get<double>();
    pass.damage = root.at("damage").get<std::string>();
    pass.clock = clock_of(root.at("source_clock"));
    pass.seconds = root.at("seconds").get<std::vector<double>>();
    pass.has_times = root.at("has_times").get<bool>();
    return pass;
  } catch (const std::exception&) {  // the file is only a cache
    return {};
  }
}

}  // namespace dreamreel::schedule
