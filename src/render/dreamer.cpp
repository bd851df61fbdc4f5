#include "dreamer.h"

#include <ATen/TensorOperators.h>

#include <ATen/ops/arange.h>

#include <cmath>
#include <string>
#include <utility>

#include "dreamreel/core/log.h"
#include "dreamreel/image/frame.h"
#include "resolve.h"
#include "source.h"

namespace dreamreel::render {

namespace {

// A dream that is confined grows at full speed wherever the mask shows at least an eighth of it, so that what fades
// at the mask's edge is the picture of the dream and not its strength too.
constexpr double kConfinedFrom = 0.125;

constexpr int kOctavesOfARound =
    32;  // more than there can be, so that no two rounds share their random numbers

// Unsharp mask. A zoom of 1.3 a second at 24 frames a second softens what is narrower than this most.
constexpr double kSharpenRadius = 1.0;  // px, the blur's deviation

at::Tensor sharpened(const at::Tensor& picture, double amount) {
  return picture + (picture - image::gaussian_blur(picture, kSharpenRadius)) * amount;
}

// Dots on a grid that stands still, to be carried away: (1,H,W), 1 on a dot.
at::Tensor dots(std::int64_t height, std::int64_t width, const at::Device& device) {
  constexpr std::int64_t kSpacing = 32, kSize = 4;  // px
  const auto on_dot = [&](std::int64_t length) {
    return at::arange(length, at::TensorOptions().device(device))
        .remainder(kSpacing)
        .lt(kSize)
        .to(at::kFloat);
  };
  return (on_dot(height).unsqueeze(1) * on_dot(width).unsqueeze(0)).unsqueeze(0);
}

}  // namespace

Dreamer::Dreamer(const job::Job& job, ObjectiveSet& objectives, const Timeline& timeline,
                 const media::VideoInfo& info)
    : job_(job),
      objectives_(objectives),
      timeline_(timeline),
      border_(border(job.camera.border)),
      masks_(job, info) {}

DreamedFrame Dreamer::dream(const AnalysedFrame& analysed, const dream::StepObserver& observer) {
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const RandomKey key{job_.seed, analysed.frame.index, 0, 0};
  const bool has_source = analysed.frame.rgb.defined();
  const at::Tensor source = has_source ? on_device(analysed.frame.rgb) : at::Tensor();
  const bool is_carried = analysed.continues_shot && (!has_source || job_.temporal.blend.at(time) > 0);
  at::Tensor start = is_carried ? carry_on(analysed, source, time) : source;
  if (job_.temporal.marks) start = marked(start, source, is_carried ? job_.temporal.blend.at(time) : 0);

  auto options =
      ascent_options(job_, objectives_.at(time, source), time, analysed.continues_shot, is_carried);
  for (std::size_t i = 0; i < options.objectives.size(); ++i)
    if (const at::Tensor mask = masks_.of_objective(i, analysed.frame, time); mask.defined())
      options.objectives[i].mask = on_device(mask);
  at::Tensor mask = masks_.of_dream(analysed.frame, time);
  if (mask.defined()) mask = on_device(mask);
  if (mask.defined() && job_.dream.mask->confine) options.mask = (mask / kConfinedFrom).clamp(0, 1);
  objectives_.apply_lesions(time);
  auto result = dream::ascend(objectives_.networks(), start, options, key, observer);
  if (!analysed.continues_shot)
    result = warmed_up(std::move(result), analysed, source, std::move(options), observer);
  warn_about_dropped_octaves(result.octaves_dropped);

  const bool keeps_palette = job_.colour.match == job::Colour::Match::first;
  if (!analysed.continues_shot) palette_.reset();
  previous_dreamed_ = image::quantise16(coloured(result.picture, source, palette_, job_.colour, time));
  if (keeps_palette && !palette_) palette_ = image::lab_statistics(previous_dreamed_);
  previous_source_ = source;
  const at::Tensor dreamed = previous_dreamed_.cpu();
  const double opacity = job_.dream.opacity.at(time);
  if (opacity == 1 && !mask.defined()) return {dreamed, dreamed, result.objective, to_text(palette_)};
  return {dreamed, shown(has_source ? source : start, opacity, mask).cpu(), result.objective,
          to_text(palette_)};
}

// As much of the dots as the carried ones have faded, in black and white so that they show on everything. Pure feedback
// carries its first ones for ever.
at::Tensor Dreamer::marked(const at::Tensor& start, const at::Tensor& source, double blend) const {
  const at::Tensor below = source.defined() ? source : start;
  if (!source.defined() && previous_dreamed_.defined()) return start;
  const at::Tensor colour = below.mean(0, true).lt(0.5).to(at::kFloat);
  const at::Tensor where = dots(start.size(1), start.size(2), start.device()) * (1 - blend);
  return (start + (colour - below) * where).clamp(0, 1);
}

// The first frame of a shot dreamed on as if the picture stood still, so that it is as strong as what follows.
dream::AscentResult Dreamer::warmed_up(dream::AscentResult first, const AnalysedFrame& analysed,
                                       const at::Tensor& source, dream::AscentOptions options,
                                       const dream::StepObserver& observer) const {
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const bool feedback = is_feedback(job_);
  const double blend = feedback ? 1 : job_.temporal.blend.at(time);
  const auto rounds = blend > 0 ? std::lround(job_.temporal.warmup.at(time)) : 0;
  const auto later = ascent_options(job_, {}, time, true, true);
  options.iterations = later.iterations;
  options.step = later.step;
  RandomKey key{job_.seed, analysed.frame.index, 0, 0};
  dream::AscentResult result = std::move(first);
  for (int round = 1; round <= rounds; ++round) {
    key.octave = round * kOctavesOfARound;
    at::Tensor start = result.picture;
    if (!feedback) start = image::lerp(source, start, blend);
    result = dream::ascend(objectives_.networks(), start, options, key, observer);
  }
  return result;
}

void Dreamer::restore(const at::Tensor& dreamed, const at::Tensor& source, const std::string& note) {
  palette_ = palette_from(note);
  // Quantised again, because a GPU's levels differ from the CPU's by the last bit of the division.
  previous_dreamed_ = image::quantise16(on_device(dreamed));
  previous_source_ = source.defined() ? on_device(source) : source;
}

// The dream over what lies under it, as far as opacity and mask let it through.
at::Tensor Dreamer::shown(const at::Tensor& base, double opacity, const at::Tensor& mask) const {
  if (mask.defined()) return image::quantise16(image::lerp(base, previous_dreamed_, mask * opacity));
  return opacity == 1 ? previous_dreamed_ : image::quantise16(image::lerp(base, previous_dreamed_, opacity));
}

at::Tensor Dreamer::carry_on(const AnalysedFrame& analysed, const at::Tensor& source,
                             const curve::CurveTime& time) const {
  const RandomKey key{job_.seed, analysed.frame.index, 0, 0};
  const auto camera = camera_step(job_.camera, time, analysed.seconds_since_previous);
  at::Tensor positions;  // undefined: nothing moves, and nothing is resampled
  if (!camera.is_identity() || analysed.prev_from_cur) {
    std::optional<at::Tensor> flow;
    if (analysed.prev_from_cur) flow = on_device(*analysed.prev_from_cur);
    positions = image::positions({previous_dreamed_.size(1), previous_dreamed_.size(2)}, camera, flow,
                                 objectives_.device());
  }
  if (source.defined()) return blended(analysed, source, job_.temporal.blend.at(time), positions, key);

  at::Tensor start = carried(previous_dreamed_, positions, key);
  if (const double amount = job_.temporal.sharpen.at(time); amount > 0) start = sharpened(start, amount);
  const double sigma = job_.temporal.noise.at(time);
  if (sigma > 0) {
    const at::Tensor noise =
        image::noise_frame(start.size(1), start.size(2), key, Purpose::fresh_noise, sigma);
    start = start + on_device(noise - 0.5);
  }
  return start.clamp(0, 1);
}

at::Tensor Dreamer::blended(const AnalysedFrame& analysed, const at::Tensor& source, double blend,
                            const at::Tensor& positions, const RandomKey& key) const {
  at::Tensor difference = carried(previous_dreamed_, positions, key);
  if (job_.temporal.carry == job::Temporal::Carry::detail) {
    difference = difference - carried(previous_source_, positions, key);
  } else {
    difference = difference - source;
  }
  if (analysed.reliability) difference = difference * on_device(*analysed.reliability);
  return (source + difference * blend).clamp(0, 1);
}

at::Tensor Dreamer::carried(const at::Tensor& picture, const at::Tensor& positions,
                            const RandomKey& key) const {
  return positions.defined() ? image::resample(picture, positions, border_, key) : picture;
}

void Dreamer::warn_about_dropped_octaves(int dropped) {
  if (dropped > octaves_dropped_)
    log_info("the " + std::to_string(dropped) + " coarsest octaves are left out: they are smaller than the " +
             std::to_string(objectives_.networks().min_input_side()) + " px that the layers need");
  octaves_dropped_ = std::max(octaves_dropped_, dropped);
}

}  // namespace dreamreel::render
