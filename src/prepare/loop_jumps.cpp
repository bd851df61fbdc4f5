#include "dreamreel/prepare/loop_jumps.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "dreamreel/job/curves.h"
#include "dreamreel/settings/named_curves.h"

namespace dreamreel::prepare {
namespace {

constexpr double kMostOfAStep = 2;

struct Seam {
  double first = 0, last = 0;  // values at frame 0 and at the last frame
  double largest_step = 0;     // between two neighbouring frames
};

// For a video as long as a film, only some pairs of neighbouring frames are looked at.
std::int64_t stride_of(const std::vector<settings::NamedCurve>& curves, std::int64_t frames) {
  constexpr std::int64_t kMostWork = 100'000'000;  // takes less than a second
  return frames / std::max<std::int64_t>(kMostWork / settings::cost_of(curves), 1) + 1;
}

std::string words_for_jump(const std::string& path, const Seam& seam) {
  char text[200];
  std::snprintf(text, sizeof text, " ends at %.3g and begins at %.3g, so the loop jumps there; ", seam.last,
                seam.first);
  return fmt::format(
      "output.loop: {}{}let the curve end as it begins, or use an expression of whole rounds such as "
      "sin(2*PI*p)",
      path, text);
}

}  // namespace

std::vector<std::string> loop_jumps(const job::Job& job, const footage::Timeline& timeline,
                                    const media::VideoInfo& info) {
  const std::int64_t frames = info.frame_count.value_or(0);
  if (!job.output.loop || frames < 2) return {};
  auto curves = job::list_curves(job);
  std::erase_if(curves, [](const auto& named) { return named.curve->is_constant(); });
  if (curves.empty()) return {};
  const double fps = info.frame_rate.value();
  const auto time_of = [&](std::int64_t n) { return timeline.at(n, static_cast<double>(n) / fps); };
  std::vector<Seam> seams(curves.size());
  const auto first = time_of(0), last = time_of(frames - 1);
  for (std::size_t i = 0; i < curves.size(); ++i)
    seams[i] = {curves[i].curve->at(first), curves[i].curve->at(last), 0};
  const std::int64_t stride = stride_of(curves, frames);
  for (std::int64_t n = 0; n + 1 < frames; n += stride) {
    const auto here = time_of(n), next = time_of(n + 1);
    for (std::size_t i = 0; i < curves.size(); ++i) {
      const double step = std::abs(curves[i].curve->at(next) - curves[i].curve->at(here));
      seams[i].largest_step = std::max(seams[i].largest_step, step);
    }
  }
  std::vector<std::string> jumps;
  for (std::size_t i = 0; i < curves.size(); ++i)
    if (std::abs(seams[i].last - seams[i].first) > kMostOfAStep * seams[i].largest_step)
      jumps.push_back(words_for_jump(curves[i].path, seams[i]));
  return jumps;
}

}  // namespace dreamreel::prepare
