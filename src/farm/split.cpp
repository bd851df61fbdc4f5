#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/schedule/plan_json.h"

namespace dreamreel::farm {
namespace {

using schedule::Piece;

std::int64_t length_of(const Piece& piece) {
  return piece.end - piece.start;  // frames of the warm-up count too
}

// Cuts a shot into pieces of at most options.max_frames. The first piece is dreamed from `first_start` on.
// Pieces end at borders of segments, which avoids short part files, unless pieces are shorter than a segment.
std::vector<Piece> pieces_of_shot(const schedule::Plan& plan, std::size_t shot, std::int64_t first_start,
                                  const SplitOptions& options) {
  const auto& [begin, end] = plan.shots[shot];
  std::vector<Piece> pieces;
  for (std::int64_t from = begin; from < end; from = pieces.back().end) {
    std::int64_t to = end;
    if (options.max_frames > 0 && end - from > options.max_frames) {
      to = from + options.max_frames;
      const std::int64_t border = to / plan.segment_frames * plan.segment_frames;
      if (border > from) to = border;
    }
    const std::int64_t start = from == begin ? first_start : std::max(begin, from - options.warmup);
    pieces.push_back({start, from, to, static_cast<std::int64_t>(shot)});
  }
  return pieces;
}

// Joins neighbouring pieces into at most `count` groups, so that the longest group is as short as possible.
std::vector<std::vector<std::size_t>> grouped(const std::vector<Piece>& pieces, std::int64_t count) {
  const auto groups_within = [&](std::int64_t limit) {
    std::vector<std::vector<std::size_t>> groups;
    std::int64_t filled = 0;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (groups.empty() || filled + length_of(pieces[i]) > limit) {
        groups.emplace_back();
        filled = 0;
      }
      groups.back().push_back(i);
      filled += length_of(pieces[i]);
    }
    return groups;
  };
  std::int64_t low = 0, high = 0;
  for (const auto& piece : pieces) {
    low = std::max(low, length_of(piece));
    high += length_of(piece);
  }
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (static_cast<std::int64_t>(groups_within(middle).size()) <= count)
      high = middle;
    else
      low = middle + 1;
  }
  return groups_within(low);
}

void expect_few_pieces(const schedule::Plan& plan, const SplitOptions& options) {
  constexpr std::int64_t kMost = 100'000;
  std::int64_t pieces = 0;
  for (const auto& shot : plan.shots)
    pieces += options.max_frames > 0 ? (shot.end - shot.begin) / options.max_frames + 1 : 1;
  if (pieces > kMost)
    throw UsageError(fmt::format(
        "--max-frames: a plan holds at most {} pieces, and this would be about {}; give a larger one", kMost,
        pieces));
}

}  // namespace

void split(schedule::Plan& plan, const SplitOptions& options) {
  if (options.chunks < 0 || options.max_frames < 0 || options.warmup < 0)
    throw UsageError("a plan cannot be split into a negative number of anything");
  if (options.warmup > 0 && options.max_frames == 0)
    throw UsageError("--warmup has a meaning only where shots are cut: give --max-frames as well");
  expect_few_pieces(plan, options);
  // An excerpt may begin inside a shot, and warms up before its own first frame.
  const std::int64_t first = plan.pieces.empty() ? plan.begin() : plan.pieces.front().start;
  plan.pieces.clear();
  for (std::size_t shot = 0; shot < plan.shots.size(); ++shot) {
    const auto pieces = pieces_of_shot(plan, shot, shot == 0 ? first : plan.shots[shot].begin, options);
    plan.pieces.insert(plan.pieces.end(), pieces.begin(), pieces.end());
  }
  plan.pieces = schedule::with_fades(std::move(plan.pieces), plan, first);
  const auto count = options.chunks > 0 ? options.chunks : static_cast<std::int64_t>(plan.pieces.size());
  if (options.chunks > 0) {
    plan.chunks = grouped(plan.pieces, count);
  } else {
    plan.chunks.clear();
    for (std::size_t i = 0; i < plan.pieces.size(); ++i) plan.chunks.push_back({i});
  }
  const auto frames = [&](const std::vector<std::size_t>& chunk) {
    return std::accumulate(chunk.begin(), chunk.end(), std::int64_t{0},
                           [&](std::int64_t sum, std::size_t i) { return sum + length_of(plan.pieces[i]); });
  };
  std::ranges::stable_sort(plan.chunks, [&](const auto& a, const auto& b) { return frames(a) > frames(b); });
}

void write_plan(const std::filesystem::path& file, const schedule::Plan& plan) {
  remove_leftovers_of_the_dead(file);
  write_file_atomically(file, schedule::to_json(plan));
}

std::string ranges(const std::vector<std::size_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    if (!text.empty()) text += ",";
    text += std::to_string(numbers[i]);
    if (last > i) text += fmt::format("-{}", numbers[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace dreamreel::farm
