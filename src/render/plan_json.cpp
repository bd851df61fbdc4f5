#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/render/plan.h"
#include "shots.h"

namespace dreamreel::render {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "dreamreel plan 2";
constexpr std::int64_t kMostFrames = std::int64_t{1} << 40;  // far beyond any clip, far below overflow

json range_to_json(const FrameRange& range) {
  return {range.begin, range.end ? json(*range.end) : json()};
}

// What JSON writes as a number may be 1e300 too, or whole and larger than any that fits.
std::int64_t whole_of(const json& value) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const bool fits = !value.is_number_unsigned() || value.get<std::uint64_t>() <= kMost;
  if (!value.is_number_integer() || !fits) throw DataError("a number that is not whole, or too large");
  return value.get<std::int64_t>();
}

// `least` is below 0 where a loop's run-in may be meant.
std::int64_t frame_of(const json& value, std::int64_t least = 0) {
  const auto frame = whole_of(value);
  if (frame < least || frame > kMostFrames) throw DataError("a frame number out of range");
  return frame;
}

// A time stamp, from which others are subtracted.
std::int64_t pts_of(const json& value) {
  constexpr std::int64_t kMost = std::int64_t{1} << 60;
  const auto pts = whole_of(value);
  if (pts < -kMost || pts > kMost) throw DataError("a time stamp out of range");
  return pts;
}

FrameRange range_of(const json& value) {
  FrameRange range;
  range.begin = frame_of(value.at(0));
  if (!value.at(1).is_null()) range.end = frame_of(value.at(1));
  return range;
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

std::vector<Shot> shots_of(const json& list) {
  auto shots = consecutive_shots(list, 0);
  if (shots.empty()) throw DataError("no shot");
  return shots;
}

Loop loop_of(const json& list) {
  Loop loop{frame_of(list.at(0)), frame_of(list.at(1)), frame_of(list.at(2)), pts_of(list.at(3)),
            list.at(4).get<double>()};
  if (loop && (loop.crossfade < 2 || loop.crossfade > loop.run_in || loop.run_in > loop.length))
    throw DataError("a loop that does not fit");
  return loop;
}

json loop_to_json(const Loop& loop) {
  return {loop.run_in, loop.crossfade, loop.length, loop.first_pts, loop.first_seconds};
}

std::vector<Shot> run_in_of(const json& list, const Loop& loop) {
  auto shots = consecutive_shots(list, -kMostFrames);
  if (!shots.empty() && (shots.front().begin != -loop.run_in || shots.back().end != 0))
    throw DataError("a run-in that does not fit");
  return shots;
}

std::vector<Piece> pieces_of(const json& list, const std::vector<Shot>& shots,
                             const std::vector<Shot>& run_in) {
  const std::int64_t least = run_in.empty() ? 0 : run_in.front().begin;
  std::vector<Piece> pieces;
  std::int64_t next = shots.front().begin;
  for (const auto& item : list) {
    const Piece piece{frame_of(item.at(0), least), frame_of(item.at(1)), frame_of(item.at(2)),
                      frame_of(item.at(3))};
    const bool in_order = piece.begin == next && piece.begin < piece.end && piece.start <= piece.begin;
    if (!in_order || static_cast<std::size_t>(piece.shot) >= shots.size() ||
        (piece.shot > 0 && piece.start < shots[static_cast<std::size_t>(piece.shot)].begin) ||
        piece.end > shots[static_cast<std::size_t>(piece.shot)].end)
      throw DataError("pieces that do not fill the shots");
    pieces.push_back(piece);
    next = piece.end;
  }
  if (next != shots.back().end) throw DataError("pieces that do not fill the shots");
  return pieces;
}

std::vector<std::vector<std::size_t>> chunks_of(const json& list, std::size_t pieces) {
  std::vector<std::vector<std::size_t>> chunks;
  std::vector<bool> taken(pieces, false);
  for (const auto& item : list) {
    chunks.emplace_back();
    for (const auto& number : item) {
      const auto piece = static_cast<std::size_t>(whole_of(number));
      if (piece >= pieces || taken[piece]) throw DataError("chunks that do not hold each piece once");
      taken[piece] = true;
      chunks.back().push_back(piece);
    }
    if (chunks.back().empty()) throw DataError("an empty chunk");
  }
  if (!chunks.empty() && std::ranges::find(taken, false) != taken.end())
    throw DataError("chunks that do not hold each piece once");
  return chunks;
}

// Whoever asks for a farm's status looks for a part for each of them.
void expect_few_segments(const Plan& plan) {
  constexpr std::int64_t kMost = 250'000;  // 14 days at 24 frames a second
  const std::int64_t segments =
      plan.frame_count() / plan.segment_frames + static_cast<std::int64_t>(plan.pieces.size());
  if (segments > kMost)
    throw DataError("about " + std::to_string(segments) + " segments, but no more than " +
                    std::to_string(kMost) + " are taken");
}

Plan parsed(std::string_view text) {
  expect_small_json(text);
  const json root = json::parse(text);
  if (root.at("format") != kFormat) throw DataError("not a plan of this version");
  Plan plan;
  plan.facts.version = root.at("version").get<std::string>();
  plan.facts.job = root.at("job").get<std::string>();
  plan.facts.source = root.at("source").get<std::string>();
  plan.facts.files = root.at("files").get<std::map<std::string, std::string>>();
  plan.facts.network = root.at("network").get<std::string>();
  plan.facts.range = range_of(root.at("range"));
  plan.job_yaml = root.at("job_yaml").get<std::string>();
  plan.first_pts = pts_of(root.at("first_pts"));
  plan.first_seconds = root.at("first_seconds").get<double>();
  plan.segment_frames = frame_of(root.at("segment_frames"));
  if (plan.segment_frames == 0) throw DataError("segments without a frame");
  plan.shots = shots_of(root.at("shots"));
  plan.loop = loop_of(root.at("loop"));
  plan.run_in = run_in_of(root.at("run_in"), plan.loop);
  plan.pieces = pieces_of(root.at("pieces"), plan.shots, plan.run_in);
  plan.chunks = chunks_of(root.at("chunks"), plan.pieces.size());
  plan.damage = root.at("damage").get<std::string>();
  if (root.contains("memory")) plan.memory = whole_of(root.at("memory"));
  if (plan.memory < 0) throw DataError("a negative size of memory");
  expect_few_segments(plan);
  if (root.at("id") != plan.id()) throw DataError("its id does not fit what it says");
  return plan;
}

}  // namespace

json shots_to_json(const std::vector<Shot>& shots) {
  json list = json::array();
  for (const auto& shot : shots) list.push_back({shot.begin, shot.end});
  return list;
}

std::string to_json(const Plan& plan) {
  json pieces = json::array();
  for (const auto& piece : plan.pieces) pieces.push_back({piece.start, piece.begin, piece.end, piece.shot});
  const json root{{"format", kFormat},
                  {"id", plan.id()},
                  {"version", plan.facts.version},
                  {"job", plan.facts.job},
                  {"source", plan.facts.source},
                  {"files", plan.facts.files},
                  {"network", plan.facts.network},
                  {"range", range_to_json(plan.facts.range)},
                  {"job_yaml", plan.job_yaml},
                  {"first_pts", plan.first_pts},
                  {"first_seconds", plan.first_seconds},
                  {"segment_frames", plan.segment_frames},
                  {"shots", shots_to_json(plan.shots)},
                  {"loop", loop_to_json(plan.loop)},
                  {"run_in", shots_to_json(plan.run_in)},
                  {"pieces", pieces},
                  {"chunks", plan.chunks},
                  {"damage", plan.damage},
                  {"memory", plan.memory}};
  return root.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Plan plan_from_json(std::string_view text, const std::string& name) {
  const auto refuse = [&](const std::string& why) -> DataError {
    return DataError(name + " is damaged or no plan of this program: " + why);
  };
  try {
    return parsed(text);
  } catch (const json::exception& error) {
    throw refuse(error.what());
  } catch (const DataError& error) {
    throw refuse(error.what());
  }
}

Plan read_plan(const std::filesystem::path& path) {
  return plan_from_json(read_whole(path, kMostJsonBytes), path.string());
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
  return root.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<FirstPass> first_pass_from_json(std::string_view text, const std::string& key) {
  try {
    expect_small_json(text);
    const json root = json::parse(text);
    if (root.at("key") != key) return {};
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

}  // namespace dreamreel::render
