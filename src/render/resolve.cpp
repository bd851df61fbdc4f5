#include "dreamreel/render/resolve.h"

#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/render/source.h"
#include "dreamreel/schedule/clock.h"
#include "dreamreel/schedule/feedback.h"
#include "pace.h"

namespace dreamreel::render {
namespace {

bool device_works(const at::Device& device) {
  try {
    at::empty({1}, at::TensorOptions().device(device));
    return true;
  } catch (const std::exception&) {  // c10::Error: LibTorch has no CUDA, there is no driver, or no such GPU
    return false;
  }
}

// "cuda" is the first GPU, "cuda:N" is GPU number N. nullopt for a number that no machine has.
std::optional<at::DeviceIndex> cuda_index(std::string_view device) {
  constexpr std::string_view kPrefix = "cuda:";
  if (!device.starts_with(kPrefix)) return 0;
  int index = 0;
  const char* const end = device.data() + device.size();
  const auto [rest, error] = std::from_chars(device.data() + kPrefix.size(), end, index);
  if (error != std::errc{} || rest != end || index < 0 || index > std::numeric_limits<at::DeviceIndex>::max())
    return {};
  return static_cast<at::DeviceIndex>(index);
}

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
  const Steps steps = steps_of({options.iterations, options.step}, blend, pace);
  options.iterations = steps.count;
  options.step = steps.length;
}

}  // namespace

at::Device resolve_device(const std::string& device) {
  if (device == "cpu") return at::kCPU;
  if (device == "auto")
    return at::hasCUDA() && device_works({at::kCUDA, 0}) ? at::Device(at::kCUDA, 0) : at::kCPU;
  const auto index = cuda_index(device);
  const at::Device wanted(at::kCUDA, index.value_or(0));
  if (!index || !device_works(wanted))
    throw UnavailableError(fmt::format("device: {} is not available here{}; use device: cpu or device: auto",
                                       device,
                                       at::hasCUDA() ? " (is the GPU visible? see CUDA_VISIBLE_DEVICES)"
                                                     : " (this LibTorch has no CUDA, or no GPU is visible)"));
  return wanted;
}

network::Precision resolve_precision(job::Precision precision, const at::Device& device) {
  switch (precision) {
    case job::Precision::fp32:
      return network::Precision::fp32;
    case job::Precision::bf16:
      if (!network::has_bf16(device))
        throw UnavailableError(
            "precision: bf16 needs a processor with AVX512-BF16 or AMX, which this one has not; use "
            "precision: fp32 or auto");
      return network::Precision::bf16;
    case job::Precision::fp16:
      if (device.is_cpu())
        throw UnavailableError("precision: fp16 needs a GPU; use precision: bf16, fp32 or auto on the CPU");
      return network::Precision::fp16;
    case job::Precision::automatic:
      break;
  }
  return network::best_precision(device);
}

network::InputScaling input_scaling(const cards::NetworkInput& input) {
  network::InputScaling scaling;
  scaling.scale = input.scale;
  scaling.mean = input.mean;
  scaling.std = input.std;
  scaling.order =
      input.order == "bgr" ? network::InputScaling::Order::bgr : network::InputScaling::Order::rgb;
  return scaling;
}

media::ReaderOptions reader_options(const job::Input& input) {
  media::ReaderOptions options;
  options.path = input.path;
  options.filter = input.filter;
  options.trim_start = input.trim_start;
  options.trim_end = input.trim_end;
  options.frame_rate = input.fps;
  return options;
}

// Noise goes by the motif of its own frame. So a scene has the same noise whatever the other scenes are.
image::Border border_at(const job::Job& job, const curve::CurveTime& time) {
  const bool is_scaled = job.camera.border == Border::noise && draws_scaled_noise(job, time);
  return is_scaled ? Border::scaled_noise : job.camera.border;
}

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

bool draws_scaled_noise(const job::Job& job, const curve::CurveTime& time) {
  return job.dream.motif.at(time) > 0;
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

image::CameraStep camera_step(const job::Camera& camera, const curve::CurveTime& time, double seconds,
                              double frames) {
  const auto middle = schedule::middle_of_step(time, seconds, frames);
  image::CameraStep step;
  step.zoom = std::pow(camera.zoom.at(middle), seconds);
  step.rotate_degrees = camera.rotate.at(middle) * seconds;
  step.pan_x = camera.pan_x.at(middle) * seconds;
  step.pan_y = camera.pan_y.at(middle) * seconds;
  step.pivot_x = camera.pivot_x.at(middle);
  step.pivot_y = camera.pivot_y.at(middle);
  return step;
}

bool camera_rests(const job::Camera& camera) {
  const auto always = [](const job::Curve& curve, double value) {
    return curve.min() == value && curve.max() == value;
  };
  return always(camera.zoom, 1) && always(camera.rotate, 0) && always(camera.pan_x, 0) &&
         always(camera.pan_y, 0);
}

}  // namespace dreamreel::render
