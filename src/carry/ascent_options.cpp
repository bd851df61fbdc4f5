#include "dreamreel/carry/ascent_options.h"

#include <cmath>
#include <utility>

#include "dreamreel/schedule/feedback.h"
#include "pace.h"

namespace dreamreel::carry {
namespace {

int whole(double value) {
  return static_cast<int>(std::lround(value));
}

dream::Shaping shaping(const job::GradientShaping& gradient, const curve::CurveTime& time) {
  return {whole(gradient.laplacian.at(time)), gradient.smooth.at(time), gradient.decorrelate.at(time)};
}

dream::Regularisers regularisers(const job::Regularise& hold, const curve::CurveTime& time) {
  dream::Regularisers result;
  result.total_variation = hold.total_variation.at(time);
  result.beta = hold.beta;
  result.grey = hold.grey.at(time);
  result.blur = hold.blur.at(time);
  result.blur_end = hold.blur_end.at(time);
  result.blur_every = whole(hold.blur_every.at(time));
  result.clip = hold.clip.at(time);
  return result;
}

// How dream.strength changes other numbers. Up to 0.5, steps shrink in proportion, because a dream grows in
// proportion to its steps. Above 0.5, longer steps alone would only make a coarser dream. So more steps are
// taken as well, and on a film the dream fades more slowly.
struct Strength {
  double step = 1, iterations = 1, fading = 1;
};

Strength strength_at(const job::Job& job, const curve::CurveTime& time) {
  constexpr Strength kMost{1.5, 2.5, 0.7};
  const double strength = job.dream.strength.at(time);
  if (strength == 0) return {0, 0, 1};
  if (strength <= 0.5) return {2 * strength, 1, 1};
  const double share = 2 * strength - 1;
  const auto towards = [&](double most) { return 1 + share * (most - 1); };
  return {towards(kMost.step), towards(kMost.iterations), towards(kMost.fading)};
}

// A dream that only feeds on itself has nothing to fade to, so it has no balance that calm could keep.
double calm_at(const job::Job& job, const curve::CurveTime& time) {
  return schedule::is_feedback(job) ? 0 : job.temporal.calm.at(time);
}

// Each frame, a dream loses 1 - blend of its strength and gains what a step adds. `calm` shrinks both
// alike, so the strength at which they balance stays the same on a still picture. For a frame of the asked
// rate.
double asked_blend_at(const job::Job& job, const curve::CurveTime& time) {
  const double blend = job.temporal.blend.at(time), calm = calm_at(job, time);
  if (blend <= 0) return blend;
  const double calmed = calm > 0 ? 1 - (1 - blend) * (1 - calm) : blend;
  return calmed + (1 - calmed) * (1 - strength_at(job, time).fading);
}

// Changes the steps of a frame that carries a dream on. Pure feedback carries all of it.
void keep_pace(dream::AscentOptions& options, const job::Job& job, const curve::CurveTime& time) {
  const Pace pace = pace_at(job, time);
  const double blend = schedule::is_feedback(job) ? 1 : asked_blend_at(job, time);
  const AscentSteps steps = ascent_steps_of({options.iterations, options.step}, blend, pace);
  options.iterations = steps.count;
  options.step = steps.length;
}

}  // namespace

int warmup_rounds(const job::Job& job, const curve::CurveTime& time) {
  const bool is_carried = schedule::is_feedback(job) || job.temporal.blend.at(time) > 0;
  return is_carried ? static_cast<int>(std::lround(job.temporal.warmup.at(time))) : 0;
}

double blend_at(const job::Job& job, const curve::CurveTime& time) {
  return blend_of(asked_blend_at(job, time), pace_at(job, time));
}

double noise_at(const job::Job& job, const curve::CurveTime& time) {
  return noise_of(job.temporal.noise.at(time), pace_at(job, time));
}

double coarsest_octave(const job::Job& job, double motif) {
  constexpr double kMotifsAcross = 4;  // a layer's usual motif is about a quarter of a training picture
  constexpr int kUsualSide = 224;
  const auto& objectives = job.dream.objectives;
  const bool has_own = !objectives.empty() && objectives.front().network.has_value();
  const int trained = (has_own ? *objectives.front().network : job.network).side;
  const int side = trained > 0 ? trained : kUsualSide;
  return motif > 0 ? side / (kMotifsAcross * motif) : 0;
}

dream::AscentOptions ascent_options(const job::Job& job, std::vector<dream::Objective> objectives,
                                    const curve::CurveTime& time, bool continues_shot, bool is_carried) {
  dream::AscentOptions options;
  options.objectives = std::move(objectives);
  options.balance = job.dream.balance;
  options.octaves = whole(job.dream.octaves.at(time));
  options.octave_scale = job.dream.octave_scale.at(time);
  options.coarsest = coarsest_octave(job, job.dream.motif.at(time));
  options.draft = job.dream.draft;
  const Strength strength = strength_at(job, time);
  options.iterations =
      whole((continues_shot ? job.temporal.iterations : job.dream.iterations).at(time) * strength.iterations);
  options.step = job.dream.step.at(time) * strength.step;
  if (is_carried) {
    options.step *= job.temporal.step.at(time) * (1 - calm_at(job, time));
    keep_pace(options, job, time);
  }
  options.jitter = whole(job.dream.jitter.at(time));
  options.stop_below = job.dream.stop_below.at(time);
  options.gradient = shaping(job.dream.gradient, time);
  options.regularise = regularisers(job.dream.regularise, time);
  options.transforms = {job.dream.transforms.scale.at(time), job.dream.transforms.rotate.at(time)};
  options.optimizer = job.dream.optimizer;
  options.parameterization = job.dream.parameterization;
  options.regularise.keep_start = !job.input.noise;
  return options;
}

}  // namespace dreamreel::carry
