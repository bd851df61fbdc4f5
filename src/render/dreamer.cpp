#include "dreamer.h"

#include <ATen/TensorOperators.h>

#include <string>
#include <utility>

#include "colouring.h"
#include "dreamreel/core/log.h"
#include "dreamreel/image/frame.h"
#include "resolve.h"

namespace dreamreel::render {

namespace {

// A dream that is confined grows at full speed wherever the mask shows at least an eighth of it, so that what fades
// at the mask's edge is the picture of the dream and not its strength too.
constexpr double kConfinedFrom = 0.125;

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
  const at::Tensor start = is_carried ? carry_on(analysed, source, time) : source;

  auto options =
      ascent_options(job_, objectives_.at(time, source), time, analysed.continues_shot, is_carried);
  for (std::size_t i = 0; i < options.objectives.size(); ++i)
    if (const at::Tensor mask = masks_.of_objective(i, analysed.frame, time); mask.defined())
      options.objectives[i].mask = on_device(mask);
  at::Tensor mask = masks_.of_dream(analysed.frame, time);
  if (mask.defined()) mask = on_device(mask);
  if (mask.defined() && job_.dream.mask->confine) options.mask = (mask / kConfinedFrom).clamp(0, 1);
  objectives_.apply_lesions(time);
  const auto result = dream::ascend(objectives_.networks(), start, options, key, observer);
  warn_about_dropped_octaves(result.octaves_dropped);

  previous_dreamed_ = image::quantise16(coloured(result.picture, source, job_.colour, time));
  previous_source_ = source;
  const at::Tensor dreamed = previous_dreamed_.cpu();
  const double opacity = job_.dream.opacity.at(time);
  if (opacity == 1 && !mask.defined()) return {dreamed, dreamed, result.objective};
  return {dreamed, shown(has_source ? source : start, opacity, mask).cpu(), result.objective};
}

void Dreamer::restore(const at::Tensor& dreamed, const at::Tensor& source) {
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
