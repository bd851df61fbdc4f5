#include "pace.h"

#include <algorithm>
#include <cmath>

namespace dreamreel::carry {
namespace {

// (1 - b^q) / (1 - b), which is q where nothing fades.
double growth(double blend, double frames) {
  return blend < 1 ? (1 - std::pow(blend, frames)) / (1 - blend) : frames;
}

}  // namespace

Pace pace_at(const job::Job& job, const curve::CurveTime& time) {
  if (!job.temporal.at_fps) return {};
  const double frame = job.temporal.at_fps->value() / time.frames_per_second;
  return {frame, frame * job.temporal.every};
}

double blend_of(double blend, const Pace& pace) {
  return pace.is_plain() || blend <= 0 ? blend : std::pow(blend, pace.dreamed);
}

AscentSteps ascent_steps_of(const AscentSteps& steps, double blend, const Pace& pace) {
  constexpr double kMost = 2500;  // as many as dream.strength may make of dream.iterations
  if (pace.is_plain() || steps.count == 0) return steps;
  const double count = std::clamp(std::round(steps.count * pace.frame), 1.0, kMost);
  return {static_cast<int>(count), steps.length * steps.count / count * growth(blend, pace.dreamed)};
}

double noise_of(double sigma, const Pace& pace) {
  return pace.is_plain() ? sigma : sigma * std::sqrt(pace.dreamed);
}

}  // namespace dreamreel::carry
