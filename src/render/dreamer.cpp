#include "dreamer.h"

#include <ATen/TensorOperators.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>

#include "between.h"
#include "dreamreel/core/log.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/render/resolve.h"
#include "dreamreel/render/source.h"
#include "dreamreel/schedule/feedback.h"
#include "dreamreel/work/stored_note.h"
#include "hold.h"

namespace dreamreel::render {

namespace {

// A dream that is confined grows at full speed wherever the mask shows at least an eighth of it, so that what fades
// at the mask's edge is the picture of the dream and not its strength too.
constexpr double kConfinedFrom = 0.125;

constexpr int kOctavesOfARound =
    32;  // more than there can be, so that no two rounds share their random numbers

constexpr double kMostGain =
    1.5;  // past that of two unrelated dreams of one strength, which is the square root of 2

// 1-2-1's complement along one axis of a picture (C,H,W): sin^2(w/2) of a wave of w radians a pixel.
at::Tensor fine_along(int axis, const at::Tensor& picture) {
  const auto size = picture.size(axis);
  const at::Tensor first = picture.narrow(axis, 0, 1), last = picture.narrow(axis, size - 1, 1);
  const at::Tensor before = at::cat({first, picture.narrow(axis, 0, size - 1)}, axis);
  const at::Tensor after = at::cat({picture.narrow(axis, 1, size - 1), last}, axis);
  return picture / 2 - (before + after) / 4;
}

// How much of the finest wave, of pi radians a pixel, bicubic reading takes at these coordinates: 6 f^2 - 4 f^3, f the
// distance from a whole one; 0.375 where all f are as likely.
constexpr double kMeanLoss = 0.375;
at::Tensor loss_at(const at::Tensor& coordinates) {
  const at::Tensor distance = (coordinates - coordinates.round()).abs();
  return distance.square() * (6 - 4 * distance);
}

// Gives waves back what reading a picture at `coordinates` (H,W) of one axis took, which goes about with sin^4(w/2): by
// amount / kMeanLoss of the loss at each place. Up to 0.15 no wave comes out stronger than it was (at most by 1 in 10,000),
// or it would grow from frame to frame. One amount everywhere would raise what lies across the axes of a zoom: that is read at whole coordinates
// in every frame, and loses nothing.
at::Tensor sharpened_along(int axis, const at::Tensor& picture, const at::Tensor& coordinates,
                           double amount) {
  const at::Tensor finest = fine_along(axis, fine_along(axis, picture));
  return picture + finest * (loss_at(coordinates) * (amount / kMeanLoss));
}

// What was read at `positions` (2,H,W), x and y, with about the detail that it had before.
at::Tensor sharpened(const at::Tensor& picture, const at::Tensor& positions, double amount) {
  return sharpened_along(1, sharpened_along(2, picture, positions[0], amount), positions[1], amount);
}

// Two dreams in one, with the strength that lies between theirs: a plain mean of two that have nothing in common is paler
// than either. What is dissolved is what they add to their sources, or without sources, what differs from their mean.
at::Tensor dissolved(const at::Tensor& first, const at::Tensor& second, const at::Tensor& first_source,
                     const at::Tensor& second_source, double weight) {
  const auto base_of = [](const at::Tensor& picture, const at::Tensor& source) {
    return source.defined() ? source : picture.mean({1, 2}, /*keepdim=*/true);
  };
  const auto strength = [](const at::Tensor& detail) { return detail.square().mean().sqrt().item<double>(); };
  const at::Tensor first_base = base_of(first, first_source), second_base = base_of(second, second_source);
  const at::Tensor mixed = image::lerp(first - first_base, second - second_base, weight);
  const double wanted = (1 - weight) * strength(first - first_base) + weight * strength(second - second_base);
  const double found = strength(mixed);
  const double gain = found > 0 ? std::clamp(wanted / found, 1.0, kMostGain) : 1;
  return ((first_base * (1 - weight) + second_base * weight) + mixed * gain).clamp(0, 1);
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
                 const media::VideoInfo& info, const schedule::Loop& loop, const dream::PassLimit& limit,
                 Trace* trace)
    : job_(job),
      objectives_(objectives),
      timeline_(timeline),
      border_(border(job.camera.border)),
      loop_(loop),
      limit_(limit),
      masks_(job, info),
      trace_(trace) {
  if (loop_) twin_masks_.emplace(job, info);
}

dream::StepObserver Dreamer::traced(const dream::StepObserver& observer, std::int64_t frame) const {
  if (!trace_) return observer;
  return [this, &observer, frame, begin = Trace::Clock::now()](const dream::StepReport& report) mutable {
    const auto end = Trace::Clock::now();
    trace_->add(Trace::Track::ascent, "step", begin, end, frame);
    begin = end;
    if (observer) observer(report);
  };
}

DreamedFrame Dreamer::dream(const AnalysedFrame& analysed, const dream::StepObserver& observer) {
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const RandomKey key = key_of(analysed);
  collect_masks(analysed.between);
  auto [start, source, continues_shot, is_carried] = start_of(analysed, time, key);
  if (job_.temporal.marks) start = marked(start, source, is_carried ? job_.temporal.blend.at(time) : 0);

  auto options = ascent_options(job_, objectives_.at(time, source), time, continues_shot, is_carried);
  options.limit = limit_;
  for (std::size_t i = 0; i < options.objectives.size(); ++i)
    options.objectives[i].mask = mask_of(analysed, [&](Masks& masks, const media::VideoFrame& frame) {
      return masks.of_objective(i, frame, time);
    });
  const at::Tensor mask = mask_of(
      analysed, [&](Masks& masks, const media::VideoFrame& frame) { return masks.of_dream(frame, time); });
  if (mask.defined() && job_.dream.mask->confine) options.mask = (mask / kConfinedFrom).clamp(0, 1);
  objectives_.apply_lesions(time);
  std::optional<TraceSpan> span(std::in_place, trace_, Trace::Track::ascent, "ascend", analysed.frame.index);
  const auto steps = traced(observer, analysed.frame.index);
  auto result = dream::ascend(objectives_.networks(), start, options, key, steps);
  if (!continues_shot) result = warmed_up(std::move(result), analysed, source, std::move(options), steps);
  span.emplace(trace_, Trace::Track::ascent, "colour and quantise", analysed.frame.index);
  warn_about_dropped_octaves(result.octaves_dropped);

  const bool keeps_palette = job_.colour.match == job::Colour::Match::first;
  if (!analysed.step.continues_shot) palette_.reset();
  if (job_.temporal.every > 1) before_ = previous_;
  closing_time_ = time;
  previous_.dreamed = image::quantise16(in_colour(result.picture, analysed, source, time));
  if (keeps_palette && !palette_) palette_ = image::lab_statistics(previous_.dreamed);
  previous_.source = source;
  objective_ = result.objective;
  const at::Tensor dreamed = previous_.dreamed.cpu();
  const double opacity = job_.dream.opacity.at(time);
  if (opacity == 1 && !mask.defined()) return {dreamed, dreamed, result.objective, to_text(palette_)};
  return {dreamed, shown(source.defined() ? source : start, previous_.dreamed, opacity, mask).cpu(),
          result.objective, to_text(palette_)};
}

// What follows goes on from this frame's own source, as it will after a restore().
DreamedFrame Dreamer::hold(const AnalysedFrame& analysed) {
  const TraceSpan span(trace_, Trace::Track::ascent, "hold", analysed.frame.index);
  const curve::CurveTime time = timeline_.at(analysed.frame);
  collect_masks(analysed.between);
  const at::Tensor mask = mask_of(
      analysed, [&](Masks& masks, const media::VideoFrame& frame) { return masks.of_dream(frame, time); });
  if (job_.temporal.every > 1) before_ = previous_;
  closing_time_ = time;
  previous_.source = on_device(analysed.frame.rgb);
  const at::Tensor dreamed = previous_.dreamed.cpu();
  const std::string note = work::with_drawing(to_text(palette_), analysed.held_from.value());
  const double opacity = job_.dream.opacity.at(time);
  if (opacity == 1 && !mask.defined()) return {dreamed, dreamed, objective_, note};
  return {dreamed, shown(previous_.source, previous_.dreamed, opacity, mask).cpu(), objective_, note};
}

// Files of masks are read onwards, so those of a gap come before the mask of the frame that closes it.
void Dreamer::collect_masks(const std::vector<AnalysedFrame>& frames) {
  gap_masks_.clear();
  for (const auto& frame : frames) {
    const curve::CurveTime time = timeline_.at(frame.frame);
    gap_masks_[frame.frame.index] = mask_of(
        frame, [&](Masks& masks, const media::VideoFrame& picture) { return masks.of_dream(picture, time); });
  }
}

DreamedFrame Dreamer::fill(const AnalysedFrame& between) const {
  const TraceSpan span(trace_, Trace::Track::ascent, "fill in", between.frame.index);
  const at::Tensor source = between.frame.rgb.defined() ? on_device(between.frame.rgb) : at::Tensor();
  const auto& [behind, ahead] = std::tie(between.motion, between.motion_ahead);
  const double seconds = behind.seconds_since_previous + ahead.seconds_since_previous;
  const double frames = behind.frames_since_previous + ahead.frames_since_previous;
  // The camera as it moved the dream from one to the other, at one speed.
  const auto camera = camera_step(job_.camera, closing_time_, seconds, frames);
  const double place = seconds > 0 ? behind.seconds_since_previous / seconds : 0.5;
  const Neighbour before =
      neighbour_behind(before_.dreamed, before_.source, part_of(camera, place), behind, 1 - place);
  const Neighbour after =
      neighbour_ahead(previous_.dreamed, previous_.source, part_of(camera, 1 - place), ahead, place);
  at::Tensor picture = filled(source, before, after, border_, key_of(between));
  if (!source.defined()) picture = sharpened_between(picture, before, after);
  const at::Tensor dreamed = image::quantise16(picture);
  const at::Tensor stored = dreamed.cpu();
  const double opacity = job_.dream.opacity.at(timeline_.at(between.frame));
  const at::Tensor& mask = gap_masks_.at(between.frame.index);
  if (opacity == 1 && !mask.defined()) return {stored, stored, objective_, to_text(palette_)};
  return {stored, shown(source.defined() ? source : dreamed, dreamed, opacity, mask).cpu(), objective_,
          to_text(palette_)};
}

// A GPU takes page-locked memory by itself, while this thread goes on to what is done with the picture.
at::Tensor Dreamer::on_device(const at::Tensor& tensor) const {
  const at::Device device = objectives_.device();
  const bool is_upload = device.is_cuda() && tensor.device().is_cpu();
  return is_upload ? tensor.pin_memory().to(device, /*non_blocking=*/true) : tensor.to(device);
}

bool Dreamer::carries(const curve::CurveTime& time) const {
  return schedule::is_feedback(job_) || job_.temporal.blend.at(time) > 0;
}

RandomKey Dreamer::key_of(const AnalysedFrame& analysed) const {
  return {job_.seed, loop_.on_time_line(analysed.frame.index), 0, 0};
}

// Where a frame is pulled, both starts are complete before they are dissolved into each other: each dream has come along
// the motion of its own source, which a dissolved source would not show.
Dreamer::Start Dreamer::start_of(const AnalysedFrame& analysed, const curve::CurveTime& time,
                                 const RandomKey& key) const {
  const TraceSpan span(trace_, Trace::Track::ascent, "carry", analysed.frame.index);
  Start start;
  if (analysed.frame.rgb.defined()) start.source = on_device(analysed.frame.rgb);
  start.continues_shot = analysed.step.continues_shot;
  start.is_carried = analysed.step.continues_shot && carries(time);
  start.picture =
      start.is_carried ? carry_on(previous_, analysed.motion, start.source, time, key) : start.source;
  if (!analysed.twin) return start;
  const Start twin = twin_start(*analysed.twin, time, key);
  const double weight = analysed.twin->weight;
  // At the end nothing but the twin is left, to the bit.
  start.picture =
      weight < 1 ? dissolved(start.picture, twin.picture,
                             schedule::is_feedback(job_) ? at::Tensor() : start.source, twin.source, weight)
                 : twin.picture;
  if (twin.source.defined()) start.source = image::lerp(start.source, twin.source, weight);
  const Start& heavier = weight < 0.5 ? start : twin;
  start.continues_shot = heavier.continues_shot;
  start.is_carried = heavier.is_carried;
  return start;
}

Dreamer::Start Dreamer::twin_start(const Twin& twin, const curve::CurveTime& time,
                                   const RandomKey& key) const {
  Start start;
  if (twin.frame.rgb.defined()) start.source = on_device(twin.frame.rgb);
  start.continues_shot = twin.continues_shot;
  start.is_carried = twin.previous_dreamed.defined() && carries(time);
  start.picture = start.source;
  if (!start.is_carried) return start;
  Past past{image::quantise16(on_device(twin.previous_dreamed)), {}};
  if (twin.previous_source.defined()) past.source = on_device(twin.previous_source);
  start.picture = carry_on(past, twin.motion, start.source, time, key);
  return start;
}

// A mask of the frame, dissolved as its source is; undefined where the job has none. Files of masks go with the clip, run-in
// included; for pure feedback, with what is shown.
at::Tensor Dreamer::mask_of(const AnalysedFrame& analysed,
                            const std::function<at::Tensor(Masks&, const media::VideoFrame&)>& track) {
  const bool feedback = schedule::is_feedback(job_);
  const auto numbered = [&](media::VideoFrame frame) {
    frame.index = feedback ? loop_.on_time_line(frame.index) : frame.index + loop_.run_in;
    return frame;
  };
  at::Tensor mask = track(masks_, numbered(analysed.frame));
  if (!mask.defined()) return mask;
  if (analysed.twin && !feedback)
    mask = image::lerp(mask, track(*twin_masks_, numbered(analysed.twin->frame)), analysed.twin->weight);
  return on_device(mask);
}

at::Tensor Dreamer::in_colour(const at::Tensor& picture, const AnalysedFrame& analysed,
                              const at::Tensor& source, const curve::CurveTime& time) const {
  const Palette palette = analysed.step.continues_shot ? palette_ : Palette();
  const at::Tensor own = coloured(picture, source, palette, job_.colour, time);
  if (!analysed.twin || job_.colour.match != job::Colour::Match::first) return own;
  const Palette of_twin = palette_from(analysed.twin->note);
  return image::lerp(own, coloured(picture, source, of_twin, job_.colour, time), analysed.twin->weight);
}

// As much of the dots as the carried ones have faded, in black and white so that they show on everything. Pure feedback
// carries its first ones for ever.
at::Tensor Dreamer::marked(const at::Tensor& start, const at::Tensor& source, double blend) const {
  const at::Tensor below = source.defined() ? source : start;
  if (!source.defined() && previous_.dreamed.defined()) return start;
  const at::Tensor colour = below.mean(0, true).lt(0.5).to(at::kFloat);
  const at::Tensor where = dots(start.size(1), start.size(2), start.device()) * (1 - blend);
  return (start + (colour - below) * where).clamp(0, 1);
}

// The first frame of a shot dreamed on, so that it is as strong as what follows: as if the picture stood still, or out of
// noise, where nothing is to stay in place, under way as the frames to come, so that it is as soft as they are, too.
dream::AscentResult Dreamer::warmed_up(dream::AscentResult first, const AnalysedFrame& analysed,
                                       const at::Tensor& source, dream::AscentOptions options,
                                       const dream::StepObserver& observer) const {
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const bool feedback = schedule::is_feedback(job_);
  const double blend = feedback ? 1 : job_.temporal.blend.at(time);
  const int rounds = warmup_rounds(job_, time);
  const auto later = ascent_options(job_, {}, time, true, true);
  options.iterations = later.iterations;
  options.step = later.step;
  RandomKey key = key_of(analysed);
  dream::AscentResult result = std::move(first);
  for (int round = 1; round <= rounds; ++round) {
    key.octave = round * kOctavesOfARound;
    at::Tensor start = result.picture;
    if (job_.input.noise)
      start = carry_on({start, {}}, Motion{1 / job_.input.noise->fps.value(), 1, {}, {}}, {}, time, key);
    else if (!feedback)
      start = image::lerp(source, start, blend);
    result = dream::ascend(objectives_.networks(), start, options, key, observer);
  }
  return result;
}

void Dreamer::restore(const AnalysedFrame& analysed, const at::Tensor& dreamed, const std::string& note) {
  palette_ = palette_from(work::without_drawing(note));
  // Quantised again, because a GPU's levels differ from the CPU's by the last bit of the division.
  previous_.dreamed = image::quantise16(on_device(dreamed));
  previous_.source.reset();
  if (analysed.frame.rgb.defined()) previous_.source = source_of(analysed);
}

// The frame's source, dissolved into its twin's.
at::Tensor Dreamer::source_of(const AnalysedFrame& analysed) const {
  const at::Tensor source = on_device(analysed.frame.rgb);
  const auto& twin = analysed.twin;
  return twin && twin->frame.rgb.defined() ? image::lerp(source, on_device(twin->frame.rgb), twin->weight)
                                           : source;
}

at::Tensor Dreamer::show(const AnalysedFrame& analysed, const at::Tensor& dreamed) {
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const at::Tensor mask = mask_of(
      analysed, [&](Masks& masks, const media::VideoFrame& frame) { return masks.of_dream(frame, time); });
  return shown(source_of(analysed), image::quantise16(on_device(dreamed)), job_.dream.opacity.at(time), mask)
      .cpu();
}

// The dream over what lies under it, as far as opacity and mask let it through.
at::Tensor Dreamer::shown(const at::Tensor& base, const at::Tensor& dreamed, double opacity,
                          const at::Tensor& mask) {
  if (mask.defined()) return image::quantise16(image::lerp(base, dreamed, mask * opacity));
  return opacity == 1 ? dreamed : image::quantise16(image::lerp(base, dreamed, opacity));
}

at::Tensor Dreamer::carry_on(const Past& past, const Motion& motion, const at::Tensor& source,
                             const curve::CurveTime& time, const RandomKey& key) const {
  const auto camera =
      camera_step(job_.camera, time, motion.seconds_since_previous, motion.frames_since_previous);
  at::Tensor positions;  // undefined: nothing moves, and nothing is resampled
  if (!camera.is_identity() || motion.prev_from_cur) {
    std::optional<at::Tensor> flow;
    if (motion.prev_from_cur) flow = on_device(*motion.prev_from_cur);
    positions =
        image::positions({past.dreamed.size(1), past.dreamed.size(2)}, camera, flow, objectives_.device());
  }
  if (source.defined()) return blended(past, motion, source, job_.temporal.blend.at(time), positions, key);

  at::Tensor start = carried(past.dreamed, positions, key);
  const double amount = job_.temporal.sharpen.at(time);
  if (amount > 0 && positions.defined()) start = sharpened(start, positions, amount);
  const double sigma = job_.temporal.noise.at(time);
  if (sigma > 0) {
    const at::Tensor noise =
        image::noise_frame(start.size(1), start.size(2), key, Purpose::fresh_noise, sigma);
    start = start + on_device(noise - 0.5);
  }
  return start.clamp(0, 1);
}

at::Tensor Dreamer::blended(const Past& past, const Motion& motion, const at::Tensor& source, double blend,
                            const at::Tensor& positions, const RandomKey& key) const {
  // Reading is linear, so what the dream added is read once. Fresh noise at the border would be in both pictures alike.
  at::Tensor difference;
  if (job_.temporal.carry != job::Temporal::Carry::detail) {
    difference = carried(past.dreamed, positions, key) - source;
  } else if (border_ != image::Border::noise) {
    difference = carried(past.dreamed - past.source, positions, key);
  } else {
    difference = carried(past.dreamed, positions, key) - carried(past.source, positions, key);
  }
  if (motion.reliability) difference = difference * on_device(*motion.reliability);
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
