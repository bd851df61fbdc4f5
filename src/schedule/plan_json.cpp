#include "dreamreel/schedule/plan_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/schedule/backward.h"
#include "json_values.h"

namespace dreamreel::schedule {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "dreamreel plan 3";

json range_to_json(const FrameRange& range) {
  return {range.begin, range.end ? json(*range.end) : json()};
}

FrameRange range_of(const json& value) {
  FrameRange range;
  range.begin = frame_of(value.at(0));
  if (!value.at(1).is_null()) range.end = frame_of(value.at(1));
  return range;
}

void expect_fades_at_shots(const Plan& plan) {
  for (const auto& fade : plan.fades) {
    const bool is_at_shot = fade.begin < plan.begin()
                                ? fade.end > plan.begin()
                                : std::ranges::find(plan.shots, fade.begin, &Shot::begin) != plan.shots.end();
    if (!is_at_shot || fade.end > plan.end()) throw DataError("a cross-fade that is at no shot");
  }
}

// A piece may go on to the end of a fade into the next shot. Where the first shot begins within a fade, the
// frames before it belong to the shot that fades out.
std::int64_t end_of_pieces(std::size_t shot, const Plan& plan) {
  const std::int64_t end = plan.shots[shot].end;
  const auto fade = std::ranges::find(plan.fades, end, &Fade::begin);
  return fade == plan.fades.end() ? end : std::max(end, std::min(fade->end, plan.shots.back().end));
}

std::vector<Piece> pieces_of(const json& list, const Plan& plan) {
  const auto& shots = plan.shots;
  const std::int64_t least = plan.run_in.empty() ? 0 : plan.run_in.front().begin;
  std::vector<Piece> pieces;
  std::int64_t next = shots.front().begin;
  for (const auto& item : list) {
    const Piece piece{frame_of(item.at(0), least), frame_of(item.at(1)), frame_of(item.at(2)),
                      frame_of(item.at(3))};
    const bool in_order = piece.begin == next && piece.begin < piece.end && piece.start <= piece.begin;
    if (!in_order || static_cast<std::size_t>(piece.shot) >= shots.size() ||
        (piece.shot > 0 && piece.start < shots[static_cast<std::size_t>(piece.shot)].begin) ||
        piece.end > end_of_pieces(static_cast<std::size_t>(piece.shot), plan))
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

// Bounds the work that a stranger's plan causes. The status of a farm looks for one part for each segment,
// and each frame has a key.
void expect_few_segments(const Plan& plan) {
  constexpr std::int64_t kMost = 250'000;  // two weeks of video at 24 frames a second have this many segments
  if (plan.loop.run_in + plan.end() > kMost * kSegmentFrames)
    throw DataError(fmt::format("more than {} frames", kMost * kSegmentFrames));
  const std::int64_t segments =
      plan.frame_count() / plan.segment_frames + static_cast<std::int64_t>(plan.pieces.size());
  if (segments > kMost)
    throw DataError(fmt::format("about {} segments, but no more than {} are taken", segments, kMost));
}

// The text has the form "-8:0123... 0:4567... 120:89ab...". It is a single value, because the number of
// values in a stranger's JSON is bounded.
std::map<std::int64_t, std::string> part_keys_of(const std::string& text) {
  constexpr std::size_t kDigits = 32;
  std::map<std::int64_t, std::string> keys;
  std::istringstream list(text);
  for (std::string item; list >> item;) {
    const auto colon = item.find(':');
    std::int64_t begin = 0;
    const auto [end, error] = std::from_chars(item.data(), item.data() + std::min(colon, item.size()), begin);
    const std::string key = colon == std::string::npos ? "" : item.substr(colon + 1);
    if (key.size() != kDigits || error != std::errc{} || end != item.data() + colon ||
        key.find_first_not_of("0123456789abcdef") != std::string::npos || begin < -kMostFrames ||
        begin > kMostFrames)
      throw DataError("a key of a part that is none");
    keys.emplace(begin, key);
  }
  return keys;
}

std::string text_of_keys(const std::map<std::int64_t, std::string>& keys) {
  std::string text;
  for (const auto& [begin, key] : keys) text += fmt::format("{}{}:{}", text.empty() ? "" : " ", begin, key);
  return text;
}

void expect_format(const std::string& format) {
  if (format.starts_with("dreamreel plan ") && format != kFormat)
    throw DataError(fmt::format("it was made by {} dreamreel, whose parts carry no keys that this one knows",
                                format < kFormat ? "an older" : "another"));
  if (format != kFormat) throw DataError("not a plan of this version");
}

Plan parsed(std::string_view text) {
  expect_small_json(text);
  const json root = json::parse(text);
  expect_format(root.at("format").get<std::string>());
  Plan plan;
  plan.facts.version = root.at("version").get<std::string>();
  plan.facts.job = root.at("job").get<std::string>();
  plan.facts.source = root.at("source").get<std::string>();
  plan.facts.source_end = root.at("source_end").get<std::string>();
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
  if (root.contains("fades")) plan.fades = fades_of(root.at("fades"));
  expect_fades_at_shots(plan);
  plan.pieces = pieces_of(root.at("pieces"), plan);
  plan.chunks = chunks_of(root.at("chunks"), plan.pieces.size());
  if (root.contains("last_look")) plan.last_look = frame_of(root.at("last_look"));
  if (plan.last_look > 0 && (plan.last_look <= plan.end() ||
                             plan.last_look > last_look(plan.end(), kMostFrames, plan.segment_frames)))
    throw DataError("a look at frames that no backward pass looks at");
  plan.damage = root.at("damage").get<std::string>();
  plan.clock = clock_of(root.at("clock"));
  plan.seconds = root.at("seconds").get<std::vector<double>>();
  plan.has_times = root.at("has_times").get<bool>();
  plan.device = root.at("device").get<std::string>();
  plan.part_keys = part_keys_of(root.at("part_keys").get<std::string>());
  if (root.contains("memory")) plan.memory = whole_of(root.at("memory"));
  if (plan.memory < 0) throw DataError("a negative size of memory");
  expect_few_segments(plan);
  if (root.at("id") != plan.id()) throw DataError("its id does not fit what it says");
  expect_seal_fits(root);
  return plan;
}

}  // namespace

std::string to_json(const Plan& plan) {
  json pieces = json::array();
  for (const auto& piece : plan.pieces) pieces.push_back({piece.start, piece.begin, piece.end, piece.shot});
  const json root{{"format", kFormat},
                  {"id", plan.id()},
                  {"version", plan.facts.version},
                  {"job", plan.facts.job},
                  {"source", plan.facts.source},
                  {"source_end", plan.facts.source_end},
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
                  {"last_look", plan.last_look},
                  {"fades", fades_to_json(plan.fades)},
                  {"pieces", pieces},
                  {"chunks", plan.chunks},
                  {"damage", plan.damage},
                  {"clock", clock_to_json(plan.clock)},
                  {"seconds", plan.seconds},
                  {"has_times", plan.has_times},
                  {"device", plan.device},
                  {"part_keys", text_of_keys(plan.part_keys)},
                  {"memory", plan.memory}};
  return sealed_text(root);
}

Plan plan_from_json(std::string_view text, const std::string& name) {
  const auto refuse = [&](const std::string& why) -> DataError {
    return DataError(fmt::format("{} is damaged or no plan of this program: {}", name, why));
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

}  // namespace dreamreel::schedule
