#include "atlas_classes.h"

#include "dreamreel/core/random.h"
#include "dreamreel/dream/fourier_code.h"

namespace dreamreel::study {
namespace {

constexpr double kRivals = 1, kSelectivity = 1;
constexpr double kStep = 1.5, kStepOnPicture = 0.4;

}  // namespace

dream::AscentOptions class_ascent(int iterations, bool has_start_picture) {
  dream::AscentOptions options;
  options.octaves = 4;
  options.octave_scale = 1.6;
  options.iterations = iterations;
  options.step = has_start_picture ? kStepOnPicture : kStep;
  options.jitter = 16;
  options.regularise.total_variation = 0.1;
  options.regularise.keep_start = has_start_picture;
  options.transforms = {.scale = 0.2, .rotate = 15};
  options.optimizer = dream::Optimizer::adam;
  options.parameterization = dream::Parameterization::fourier;
  return options;
}

at::Tensor class_picture(const network::Network& network, std::int64_t channel, const at::Tensor& start,
                         std::int64_t side, const dream::AscentOptions& options, std::uint64_t seed,
                         const dream::StepObserver& observer) {
  dream::Objective objective;
  objective.kind = dream::Kind::logit;
  objective.channels = {channel};
  objective.rivals = kRivals;
  objective.selectivity = kSelectivity;
  auto of_class = options;
  of_class.objectives = {objective};
  // All classes start from the same noise, so that pictures differ only in their class.
  const RandomKey key{seed, 0, 0, 0};
  const at::Tensor picture =
      start.defined() ? start : dream::fourier_noise(side, side, key, Purpose::start_noise);
  return dream::ascend(network, picture.to(network.device()), of_class, key, observer).picture.cpu();
}

}  // namespace dreamreel::study
