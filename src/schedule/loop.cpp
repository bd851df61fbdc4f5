#include "dreamreel/schedule/loop.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <tuple>

#include "dreamreel/core/error.h"

namespace dreamreel::schedule {
namespace {

constexpr double kUsualSeconds = 1;
constexpr double kLeeway = 0.25;          // share of the usual length, in both directions
constexpr std::int64_t kLeastFrames = 2;  // a first and a last frame
constexpr std::int64_t kShare = 3;        // a crossfade takes at most one frame in kShare

std::int64_t crossfade_frames(const job::Output::Loop& loop, std::int64_t frames, double frames_per_second) {
  const std::int64_t most = frames / kShare;
  if (most < kLeastFrames)
    throw JobError(
        fmt::format("output.loop: expected at least {} frames to make a loop of, got {}; make the job "
                    "longer, or take output.loop out",
                    kLeastFrames * kShare, frames));
  if (!loop.crossfade)
    return std::clamp<std::int64_t>(std::llround(kUsualSeconds * frames_per_second), kLeastFrames, most);
  const auto wanted = std::llround(loop.crossfade->seconds(frames_per_second) * frames_per_second);
  if (wanted >= kLeastFrames && wanted <= most) return wanted;
  throw JobError(
      fmt::format("output.loop.crossfade: expected from {} frames to a third of the length, which is {} "
                  "frames, got {} ({} frames)",
                  kLeastFrames, most, to_string(*loop.crossfade), wanted));
}

}  // namespace

double Loop::weight_at(std::int64_t frame) const {
  const std::int64_t place = frame - (length - crossfade);
  if (run_in == 0 || place <= 0) return 0;
  const double share = static_cast<double>(place) / static_cast<double>(crossfade - 1);
  return share * share * (3 - 2 * share);
}

RunInLengths run_in_lengths(const job::Job& job, std::int64_t frames, double frames_per_second) {
  const std::int64_t usual = crossfade_frames(*job.output.loop, frames, frames_per_second);
  if (job.output.loop->crossfade) return {usual, usual, usual};
  const auto part = [&](double share, auto round) {
    const auto length = static_cast<std::int64_t>(round(share * static_cast<double>(usual)));
    return std::clamp(length, kLeastFrames, frames / kShare);
  };
  return {part(1 - kLeeway, [](double x) { return std::ceil(x); }), usual,
          part(1 + kLeeway, [](double x) { return std::floor(x); })};
}

std::int64_t smoothest_run_in(const RunInLengths& lengths, const std::vector<FrameChange>& changes) {
  const auto badness = [&](std::int64_t length) {
    const FrameChange& change = changes.at(static_cast<std::size_t>(length));
    return std::tuple(change.is_cut, change.levels, std::abs(length - lengths.usual));
  };
  std::int64_t best = lengths.least;
  for (std::int64_t length = lengths.least + 1; length <= lengths.most; ++length)
    if (badness(length) < badness(best)) best = length;
  return best;
}

Loop loop_of_clip(std::int64_t frames, std::int64_t run_in) {
  Loop loop;
  loop.crossfade = loop.run_in = run_in;
  loop.length = frames - run_in;
  return loop;
}

Loop loop_of_feedback(const job::Job& job, std::int64_t frames, double frames_per_second) {
  if (!job.output.loop) return {};
  Loop loop;
  loop.crossfade = crossfade_frames(*job.output.loop, frames, frames_per_second);
  loop.run_in = 2 * loop.crossfade;
  loop.length = frames;
  return loop;
}

}  // namespace dreamreel::schedule
