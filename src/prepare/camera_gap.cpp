#include "dreamreel/prepare/camera_gap.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "dreamreel/footage/camera.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/settings/named_curves.h"

namespace dreamreel::prepare {
namespace {

constexpr double kTolerance = 1e-6;  // of a step's zoom: a thousandth of a pixel at a width of 1000

// The number of frames to check. For a source as long as a film, only one frame in some is checked.
std::int64_t most_looks(const job::Job& job) {
  constexpr std::int64_t kMost = 200'000, kMostWork = 100'000'000;  // takes less than a second
  auto curves = job::list_curves(job);
  std::erase_if(curves, [](const auto& named) { return !named.path.starts_with("camera."); });
  return std::clamp<std::int64_t>(kMostWork / settings::cost_of(curves), 1, kMost);
}

}  // namespace

std::optional<std::string> camera_gap(const job::Job& job, const footage::Timeline& timeline,
                                      const media::VideoInfo& info) {
  if (footage::camera_rests(job.camera)) return {};
  const double fps = info.frame_rate.value();
  const auto frames = info.frame_count.value_or(std::llround(std::ceil(fps)));
  const std::int64_t stride = frames / most_looks(job) + 1;
  std::int64_t first = 0;
  double needed = 0;  // zoom per second
  for (std::int64_t n = 1; n < frames; n += stride) {
    const auto step = footage::camera_step(job.camera, timeline.at(n, static_cast<double>(n) / fps), 1 / fps);
    const double covering = image::smallest_covering_zoom({info.height, info.width}, step);
    if (step.zoom >= covering - kTolerance) continue;
    if (first == 0) first = n;
    needed = std::max(needed, std::pow(covering, fps));
  }
  if (first == 0) return {};
  char text[200];
  std::snprintf(text, sizeof text,
                "the camera shows what lies outside the frame, from frame %lld (%.3g s) on: ",
                static_cast<long long>(first), static_cast<double>(first) / fps);
  std::string said = text;
  if (std::isfinite(needed)) {
    std::snprintf(text, sizeof text, "a camera.zoom of %.3f a second would cover the corners",
                  std::ceil(needed * 1000) / 1000);
    said += text;
  } else {
    said += "no camera.zoom covers it with this pan and pivot";
  }
  return said + "; camera.border fills it in the meantime";
}

}  // namespace dreamreel::prepare
