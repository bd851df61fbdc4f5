#include "json_values.h"

#include <cmath>
#include <limits>

#include "dreamreel/core/digest.h"
#include "dreamreel/core/error.h"

namespace dreamreel::schedule {

using nlohmann::json;

namespace {

constexpr const char* kSeal = "sha256";

std::string dumped(const json& root, int indent) {
  return root.dump(indent, ' ', false, json::error_handler_t::replace);
}

std::vector<Shot> consecutive_shots(const json& list, std::int64_t least) {
  std::vector<Shot> shots;
  for (const auto& item : list) {
    const Shot shot{frame_of(item.at(0), least), frame_of(item.at(1), least)};
    if (shot.begin >= shot.end || (!shots.empty() && shot.begin != shots.back().end))
      throw DataError("shots that do not follow each other");
    shots.push_back(shot);
  }
  return shots;
}

}  // namespace

// A number in JSON may also be 1e300, or a whole number too large for 64 bits.
std::int64_t whole_of(const json& value) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const bool fits = !value.is_number_unsigned() || value.get<std::uint64_t>() <= kMost;
  if (!value.is_number_integer() || !fits) throw DataError("a number that is not whole, or too large");
  return value.get<std::int64_t>();
}

std::int64_t frame_of(const json& value, std::int64_t least) {
  const auto frame = whole_of(value);
  if (frame < least || frame > kMostFrames) throw DataError("a frame number out of range");
  return frame;
}

std::int64_t pts_of(const json& value) {
  constexpr std::int64_t kMost = std::int64_t{1} << 60;
  const auto pts = whole_of(value);
  if (pts < -kMost || pts > kMost) throw DataError("a time stamp out of range");
  return pts;
}

std::vector<Shot> shots_of(const json& list) {
  auto shots = consecutive_shots(list, 0);
  if (shots.empty()) throw DataError("no shot");
  return shots;
}

std::vector<Shot> run_in_of(const json& list, const Loop& loop) {
  auto shots = consecutive_shots(list, -kMostFrames);
  if (!shots.empty() && (shots.front().begin != -loop.run_in || shots.back().end != 0))
    throw DataError("a run-in that does not fit");
  return shots;
}

json shots_to_json(const std::vector<Shot>& shots) {
  json list = json::array();
  for (const auto& shot : shots) list.push_back({shot.begin, shot.end});
  return list;
}

std::vector<Fade> fades_of(const json& list) {
  std::vector<Fade> fades;
  for (const auto& item : list) {
    Fade fade{frame_of(item.at(0)),
              frame_of(item.at(1)),
              frame_of(item.at(2)),
              frame_of(item.at(3), -kMostFrames),
              {}};
    for (const auto& cut : item.at(4)) fade.cuts.push_back(static_cast<std::size_t>(frame_of(cut)));
    const bool fits = fade.begin < fade.end && fade.end - fade.begin <= fade.frames &&
                      fade.out_start < fade.begin && !fade.cuts.empty() &&
                      (fades.empty() || fade.begin >= fades.back().end);
    if (!fits) throw DataError("a cross-fade that does not fit");
    fades.push_back(fade);
  }
  return fades;
}

json fades_to_json(const std::vector<Fade>& fades) {
  json list = json::array();
  for (const auto& fade : fades)
    list.push_back({fade.begin, fade.end, fade.frames, fade.out_start, fade.cuts});
  return list;
}

Loop loop_of(const json& list) {
  Loop loop{frame_of(list.at(0)), frame_of(list.at(1)), frame_of(list.at(2)), pts_of(list.at(3)),
            list.at(4).get<double>()};
  if (loop && (loop.crossfade < 2 || loop.crossfade > loop.run_in || loop.run_in > loop.length))
    throw DataError("a loop that does not fit");
  return loop;
}

Clock clock_of(const json& list) {
  Clock clock{list.at(0).get<double>(), list.at(1).get<double>(), list.at(2).get<double>(),
              list.at(3).get<bool>(), frame_of(list.at(4))};
  if (!(clock.frames_per_second > 0) || !std::isfinite(clock.frames_per_second))
    throw DataError("a frame rate that is none");
  return clock;
}

json clock_to_json(const Clock& clock) {
  return {clock.frames_per_second, clock.duration_seconds, clock.tick_seconds, clock.has_grid,
          clock.frame_count};
}

json loop_to_json(const Loop& loop) {
  return {loop.run_in, loop.crossfade, loop.length, loop.first_pts, loop.first_seconds};
}

std::string sealed_text(json root) {
  root[kSeal] = sha256_hex(dumped(root, -1));
  return dumped(root, 1) + "\n";
}

bool expect_seal_fits(json root) {
  const auto seal = root.find(kSeal);
  if (seal == root.end()) return false;
  const json said = *seal;
  root.erase(seal);
  if (said != sha256_hex(dumped(root, -1))) throw DataError("its checksum does not fit what it says");
  return true;
}

}  // namespace dreamreel::schedule
