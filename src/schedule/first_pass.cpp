#include "dreamreel/schedule/first_pass.h"

#include <nlohmann/json.hpp>

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
  index_ = pass_.shot_start = -pass_.loop.run_in;
}

void ShotList::add(bool is_cut) {
  const std::int64_t index = index_++;
  if (range_.end && index >= *range_.end) return;
  if (is_cut && index <= range_.begin) pass_.shot_start = index;
  if (index < 0) extend(pass_.run_in, index, is_cut);
  if (index >= range_.begin) extend(pass_.shots, index, is_cut);
}

std::string to_json(const std::string& key, const FirstPass& pass) {
  const json root{{"key", key},
                  {"shots", shots_to_json(pass.shots)},
                  {"loop", loop_to_json(pass.loop)},
                  {"run_in", shots_to_json(pass.run_in)},
                  {"shot_start", pass.shot_start},
                  {"first_pts", pass.first_pts},
                  {"first_seconds", pass.first_seconds},
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
    pass.shot_start = frame_of(root.at("shot_start"), -kMostFrames);
    pass.first_pts = pts_of(root.at("first_pts"));
    pass.first_seconds = root.at("first_seconds").get<double>();
    pass.damage = root.at("damage").get<std::string>();
    return pass;
  } catch (const std::exception&) {  // it is only a cache
    return {};
  }
}

}  // namespace dreamreel::schedule
