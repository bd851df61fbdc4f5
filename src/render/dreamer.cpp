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
#include "dissolve.h"
#include "dreamreel/core/counted.h"
#include "dreamreel/core/log.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/render/resolve.h"
#include "dreamreel/render/source.h"
#include "dreamreel/schedule/feedback.h"
#include "dreamreel/work/stored_note.h"
#include "hold.h"
#include "maps_picture.h"
#include "noise.h"

namespace dreamreel::render {

namespace {

// A confined dream grows at full speed wherever the mask is at least an eighth. Without this, the dream
// itself would be weaker at the mask's edge, and not only its picture would fade.
constexpr double kConfinedFrom = 0.125;

// More than the number of octaves, so that no two rounds share random numbers.
constexpr int kOctavesOfARound = 32;

// The complement of the 1-2-1 filter along one axis of a picture (C,H,W). Its response to a wave of w radians
// a pixel is sin^2(w/2).
at::Tensor fine_along(int axis, const at::Tensor& picture) {
  const auto size = picture.size(axis);
  const at::Tensor first = picture.narrow(axis, 0, 1), last = picture.narrow(axis, size - 1, 1);
  const at::Tensor before = at::cat({first, picture.narrow(axis, 0, size - 1)}, axis);
  const at::Tensor after = at::cat({picture.narrow(axis, 1, size - 1), last}, axis);
  return picture / 2 - (before + after) / 4;
}

// The share of the finest wave, of pi radians a pixel, that bicubic reading loses at these coordinates. It is
// 6 f^2 - 4 f^3, where f is the distance from a whole coordinate. The mean over all f is 0.375.
constexpr double kMeanLoss = 0.375;
at::Tensor loss_at(const at::Tensor& coordinates) {
  const at::Tensor distance = (coordinates - coordinates.round()).abs();
  return distance.square() * (6 - 4 * distance);
}

// Restores detail that reading a picture at `coordinates` (H,W) of one axis took. The loss of a wave grows
// about as sin^4(w/2). Each pixel gets back its own loss times amount / kMeanLoss. Up to an amount of 0.15,
// no wave becomes stronger than it was (by 1 in 10,000 at most); a stronger wave would grow from frame to
// frame. One correction for all pixels would be wrong: pixels on the axes of a zoom are read at whole
// coordinates in every frame, and lose nothing.
at::Tensor sharpened_along(int axis, const at::Tensor& picture, const at::Tensor& coordinates,
                           double amount) {
  const at::Tensor finest = fine_along(axis, fine_along(axis, picture));
  return picture + finest * (loss_at(coordinates) * (amount / kMeanLoss));
}

// A picture that was read at `positions` (2,H,W), x and y, with about the detail that it had before.
at::Tensor sharpened(const at::Tensor& picture, const at::Tensor& positions, double amount) {
  return sharpened_along(1, sharpened_along(2, picture, positions[0], amount), positions[1], amount);
}

// A fixed grid of dots, for the motion to carry along: (1,H,W), 1 on a dot.
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
      border_(border(job)),
      loop_(loop),
      limit_(limit),
      masks_(job, info),
      noise_(job, timeline, loop, info),
      twin_noise_(job, timeline, loop, info),
      trace_(trace) {
  if (loop_) twin_masks_.emplace(job, info);
  if (StillFilm::is_needed(job)) still_.emplace(job, timeline, loop_, info, objectives.device());
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
  if (job_.temporal.maps && source.defined()) start = maps_picture(analysed, source);
  if (job_.temporal.marks) start = marked(start, source, is_carried ? blend_at(job_, time) : 0);

  auto options = ascent_options(job_, objectives_.at(job_, time, source), time, continues_shot, is_carried);
  options.limit = limit_;
  for (std::size_t i = 0; i < options.objectives.size(); ++i)
    options.objectives[i].mask = mask_of(
        analysed, job_.dream.objectives[i].mask,
        [&](Masks& masks, const media::VideoFrame& frame) { return masks.of_objective(i, frame, time); });
  at::Tensor mask = mask_of_dream(analysed, time);
  const at::Tensor base = base_of(analysed, source.defined() ? source : start);
  if (job_.dream.show_masks) {
    std::vector<at::Tensor> of_objectives;
    for (const auto& objective : options.objectives) of_objectives.push_back(objective.mask);
    start = masks_picture(base, std::exchange(mask, {}), of_objectives);
  }
  if (mask.defined() && job_.dream.mask->confine) options.mask = (mask / kConfinedFrom).clamp(0, 1);
  // Nothing fades in pure feedback, so what leaves the mask has to be taken back.
  if (options.mask.defined() && still_) start = image::lerp(base, start, options.mask);
  objectives_.apply_lesions(time);
  if (is_carried && !analysed.fresh.windows.empty())
    start = deepened_start(start, analysed, source, options, observer);
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
  keep_in_mind(analysed.step, previous_);
  objective_ = result.objective;
  const at::Tensor dreamed = previous_.dreamed.cpu();
  const double opacity = job_.dream.opacity.at(time);
  DreamedFrame frame{dreamed, dreamed, result.objective, to_text(palette_)};
  if (still_) frame.base = base.cpu();
  if (opacity != 1 || mask.defined()) frame.output = shown(base, previous_.dreamed, opacity, mask).cpu();
  return frame;
}

at::Tensor Dreamer::deepened_start(const at::Tensor& start, const AnalysedFrame& analysed,
                                   const at::Tensor& source, dream::AscentOptions options,
                                   const dream::StepObserver& observer) const {
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const int rounds = static_cast<int>(std::lround(job_.temporal.deepen.at(time)));
  // Steps as in the first frame of a shot: nothing is there that a large step could upset.
  const auto fresh_steps = ascent_options(job_, {}, time, true, false);
  options.step = fresh_steps.step;
  options.iterations = fresh_steps.iterations;
  if (rounds == 0 || options.iterations == 0) return start;
  const TraceSpan span(trace_, Trace::Track::ascent, "deepen", analysed.frame.index);
  FreshPlaces fresh = analysed.fresh;
  fresh.map = on_device(fresh.map);
  return deepened(objectives_.networks(), start, source, fresh, options, rounds, key_of(analysed), observer);
}

// The next frame continues from this frame's own source, as it does after restore().
DreamedFrame Dreamer::hold(const AnalysedFrame& analysed) {
  const TraceSpan span(trace_, Trace::Track::ascent, "hold", analysed.frame.index);
  const curve::CurveTime time = timeline_.at(analysed.frame);
  collect_masks(analysed.between);
  const at::Tensor mask = mask_of_dream(analysed, time);
  if (job_.temporal.every > 1) before_ = previous_;
  closing_time_ = time;
  previous_.source = on_device(analysed.frame.rgb);
  keep_in_mind(analysed.step, previous_);
  const at::Tensor dreamed = previous_.dreamed.cpu();
  const std::string note = work::with_drawing(to_text(palette_), analysed.held_from.value());
  const double opacity = job_.dream.opacity.at(time);
  if (opacity == 1 && !mask.defined()) return {dreamed, dreamed, objective_, note};
  return {dreamed, shown(previous_.source, previous_.dreamed, opacity, mask).cpu(), objective_, note};
}

// Files of masks are read only forwards. So the masks of a gap are collected before the mask of the frame
// that closes it.
void Dreamer::collect_masks(const std::vector<AnalysedFrame>& frames) {
  gap_masks_.clear();
  for (const auto& frame : frames)
    gap_masks_[frame.frame.index] = mask_of_dream(frame, timeline_.at(frame.frame));
}

DreamedFrame Dreamer::fill(const AnalysedFrame& between) {
  const TraceSpan span(trace_, Trace::Track::ascent, "fill in", between.frame.index);
  const at::Tensor source = between.frame.rgb.defined() ? on_device(between.frame.rgb) : at::Tensor();
  const auto& [behind, ahead] = std::tie(between.motion, between.motion_ahead);
  const double seconds = behind.seconds_since_previous + ahead.seconds_since_previous;
  const double frames = behind.frames_since_previous + ahead.frames_since_previous;
  // The camera's whole step between the two dreamed frames, at one speed.
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
  const at::Tensor base = base_of(between, source.defined() ? source : dreamed);
  return {stored, shown(base, dreamed, opacity, mask).cpu(), objective_, to_text(palette_)};
}

// A GPU copies page-locked memory by itself, while this thread continues.
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

// For a pulled frame, both starts are completed before they are dissolved into each other. Each dream follows
// the motion of its own source, which a dissolved source would not show.
Dreamer::Start Dreamer::start_of(const AnalysedFrame& analysed, const curve::CurveTime& time,
                                 const RandomKey& key) {
  const TraceSpan span(trace_, Trace::Track::ascent, "carry", analysed.frame.index);
  Start start;
  if (analysed.frame.rgb.defined()) start.source = on_device(analysed.frame.rgb);
  start.continues_shot = analysed.step.continues_shot;
  start.is_carried = analysed.step.continues_shot && carries(time);
  const auto back = start.is_carried ? std::llround(analysed.motion.frames_since_previous) : 0;
  const auto grain = noise_.grain(analysed.step.piece, analysed.frame.index, back);
  start.picture = start.source;
  if (start.is_carried)
    start.picture =
        carry_on(job_, previous_, analysed.motion, start.source, time, key, grain, analysed.recollections);
  else if (grain.now.defined())
    start.picture = (start.picture + on_device(grain.now)).clamp(0, 1);
  if (!analysed.twin) return start;
  const Start twin = twin_start(*analysed.twin, time, key);
  const double weight = analysed.twin->weight;
  // at the end, the start is the twin to the bit
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

Dreamer::Start Dreamer::twin_start(const Twin& twin, const curve::CurveTime& time, const RandomKey& key) {
  Start start;
  if (twin.frame.rgb.defined()) start.source = on_device(twin.frame.rgb);
  start.continues_shot = twin.continues_shot;
  start.is_carried = twin.previous_dreamed.defined() && carries(time);
  start.picture = start.source;
  if (!start.is_carried) return start;
  Past past{image::quantise16(on_device(twin.previous_dreamed)), {}};
  if (twin.previous_source.defined()) past.source = on_device(twin.previous_source);
  const auto grain = twin_noise_.grain({twin.shot_begin, twin.shot_begin, 0}, twin.frame.index, 1);
  start.picture = carry_on(job_, past, twin.motion, start.source, time, key, grain);
  return start;
}

// A mask of the frame, dissolved like its source; undefined if the job has no such mask. The frames of a mask
// file go with the frames of the clip, including the run-in. For pure feedback, they go with the shown
// frames.
at::Tensor Dreamer::mask_of(const AnalysedFrame& analysed, const std::optional<job::Mask>& said,
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
  // A mask that is made of a still moves as the still does.
  if (still_ && said->from != job::Mask::From::file) return still_->moved(on_device(mask), analysed);
  return on_device(mask);
}

at::Tensor Dreamer::mask_of_dream(const AnalysedFrame& analysed, const curve::CurveTime& time) {
  return mask_of(analysed, job_.dream.mask,
                 [&](Masks& masks, const media::VideoFrame& frame) { return masks.of_dream(frame, time); });
}

// The picture under the dream: the source, or the still of a video that has no other source.
at::Tensor Dreamer::base_of(const AnalysedFrame& analysed, const at::Tensor& source) {
  return still_ ? still_->picture(analysed, key_of(analysed)) : source;
}

at::Tensor Dreamer::in_colour(const at::Tensor& picture, const AnalysedFrame& analysed,
                              const at::Tensor& source, const curve::CurveTime& time) const {
  const Palette palette = analysed.step.continues_shot ? palette_ : Palette();
  const at::Tensor own = coloured(picture, source, palette, job_.colour, time);
  if (!analysed.twin || job_.colour.match != job::Colour::Match::first) return own;
  const Palette of_twin = palette_from(analysed.twin->note);
  return image::lerp(own, coloured(picture, source, of_twin, job_.colour, time), analysed.twin->weight);
}

// Adds the dots to the start of an ascent. They replace the share by which the carried dots have faded. They
// are black or white, so that they show on everything. Pure feedback carries its first dots for ever.
at::Tensor Dreamer::marked(const at::Tensor& start, const at::Tensor& source, double blend) const {
  const at::Tensor below = source.defined() ? source : start;
  if (!source.defined() && previous_.dreamed.defined()) return start;
  const at::Tensor colour = below.mean(0, true).lt(0.5).to(at::kFloat);
  const at::Tensor where = dots(start.size(1), start.size(2), start.device()) * (1 - blend);
  return (start + (colour - below) * where).clamp(0, 1);
}

// Dreams the first frame of a shot several times, so that it is as strong as later frames. The picture stands
// still meanwhile. For a dream out of noise, nothing has to stay in place, so the picture moves like later
// frames, and gets as soft as they are. temporal.calm does not slow this down: a calm dream would need more
// rounds to become as strong. Rounds are frames of the asked rate (temporal.at_fps), so that a shot begins
// with the same picture at every rate.
dream::AscentResult Dreamer::warmed_up(dream::AscentResult first, const AnalysedFrame& analysed,
                                       const at::Tensor& source, dream::AscentOptions options,
                                       const dream::StepObserver& observer) {
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const bool feedback = schedule::is_feedback(job_);
  job::Job alive = job_;
  alive.temporal.calm = 0;
  const auto asked_fps = std::exchange(alive.temporal.at_fps, std::nullopt);
  const double blend = feedback ? 1 : blend_at(alive, time);
  const int rounds = warmup_rounds(job_, time);
  const auto later = ascent_options(alive, {}, time, true, true);
  options.iterations = later.iterations;
  options.step = later.step;
  RandomKey key = key_of(analysed);
  dream::AscentResult result = std::move(first);
  // Carried noise belongs to the frame, so it stays in place while the picture moves below it.
  auto grain = noise_.grain(analysed.step.piece, analysed.frame.index, 0);
  grain.before = grain.now;
  for (int round = 1; round <= rounds; ++round) {
    key.octave = round * kOctavesOfARound;
    at::Tensor start = result.picture;
    if (job_.input.noise) {
      const double fps = asked_fps.value_or(job_.input.noise->fps).value();
      start = carry_on(alive, {start, {}}, Motion{1 / fps, 1, {}, {}}, {}, time, key, grain);
    }
    if (!feedback) start = image::lerp(source, start, blend);
    result = dream::ascend(objectives_.networks(), start, options, key, observer);
  }
  return result;
}

void Dreamer::restore(const AnalysedFrame& analysed, const at::Tensor& dreamed, const std::string& note) {
  palette_ = palette_from(work::without_drawing(note));
  // Quantised again, because the levels on a GPU differ by the last bit of a division.
  previous_.dreamed = image::quantise16(on_device(dreamed));
  previous_.source.reset();
  if (!analysed.frame.rgb.defined()) return;
  previous_.source = source_of(analysed);
  keep_in_mind(analysed.step, previous_);
}

void Dreamer::recall(const AnalysedFrame& analysed, const at::Tensor& dreamed) {
  keep_in_mind(analysed.step, {image::quantise16(on_device(dreamed)), source_of(analysed)});
}

// Later steps lean only on frames that this step leaned on, and on this frame itself.
void Dreamer::keep_in_mind(const schedule::FrameStep& step, const Past& past) {
  if (step.action == schedule::FrameStep::Action::dream)
    std::erase_if(older_,
                  [&](const auto& older) { return std::ranges::count(step.leans_on, older.first) == 0; });
  if (step.is_kept_in_mind) older_[step.frame] = (past.dreamed - past.source).to(at::kHalf);
}

// The frame's source, dissolved into its twin's source.
at::Tensor Dreamer::source_of(const AnalysedFrame& analysed) const {
  const at::Tensor source = on_device(analysed.frame.rgb);
  const auto& twin = analysed.twin;
  return twin && twin->frame.rgb.defined() ? image::lerp(source, on_device(twin->frame.rgb), twin->weight)
                                           : source;
}

at::Tensor Dreamer::show(const AnalysedFrame& analysed, const at::Tensor& dreamed) {
  if (job_.dream.show_masks) return dreamed;
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const at::Tensor mask = mask_of_dream(analysed, time);
  const at::Tensor base = base_of(analysed, still_ ? at::Tensor() : source_of(analysed));
  return shown(base, image::quantise16(on_device(dreamed)), job_.dream.opacity.at(time), mask).cpu();
}

// The dream over `base`, as opaque as opacity and mask say.
at::Tensor Dreamer::shown(const at::Tensor& base, const at::Tensor& dreamed, double opacity,
                          const at::Tensor& mask) {
  if (mask.defined()) return image::quantise16(image::lerp(base, dreamed, mask * opacity));
  return opacity == 1 ? dreamed : image::quantise16(image::lerp(base, dreamed, opacity));
}

at::Tensor Dreamer::carry_on(const job::Job& job, const Past& past, const Motion& motion,
                             const at::Tensor& source, const curve::CurveTime& time, const RandomKey& key,
                             const CarriedNoise::Grain& grain,
                             const std::vector<Recollection>& recollections) const {
  const auto camera =
      camera_step(job.camera, time, motion.seconds_since_previous, motion.frames_since_previous);
  at::Tensor positions;  // undefined: nothing moves, and nothing is resampled
  if (!camera.is_identity() || motion.prev_from_cur) {
    std::optional<at::Tensor> flow;
    if (motion.prev_from_cur) flow = on_device(*motion.prev_from_cur);
    positions =
        image::positions({past.dreamed.size(1), past.dreamed.size(2)}, camera, flow, objectives_.device());
  }
  if (source.defined())
    return blended(past, motion, source, blend_at(job, time), positions, key, recollections);

  const at::Tensor below = grain.before.defined() ? past.dreamed - on_device(grain.before) : past.dreamed;
  at::Tensor start = carried(below, positions, key);
  const double amount = job.temporal.sharpen.at(time);
  if (amount > 0 && positions.defined()) start = sharpened(start, positions, amount);
  if (grain.now.defined()) start = start + on_device(grain.now);
  const bool is_fresh = job.temporal.noise_motion == job::Temporal::NoiseMotion::fresh;
  const double sigma = noise_at(job, time);
  if (is_fresh && sigma > 0) {
    const at::Tensor noise =
        noise_for(job, time, {start.size(1), start.size(2)}, key, Purpose::fresh_noise, sigma);
    start = start + on_device(noise - 0.5);
  }
  return start.clamp(0, 1);
}

at::Tensor Dreamer::blended(const Past& past, const Motion& motion, const at::Tensor& source, double blend,
                            const at::Tensor& positions, const RandomKey& key,
                            const std::vector<Recollection>& recollections) const {
  // Resampling is linear, so the dream's addition can be resampled at once. Only fresh noise at the border
  // needs two readings, because it cancels out between them.
  at::Tensor difference;
  if (job_.temporal.carry != job::Temporal::Carry::detail) {
    difference = carried(past.dreamed, positions, key) - source;
  } else if (!image::is_noise(border_)) {
    difference = carried(past.dreamed - past.source, positions, key);
  } else {
    difference = carried(past.dreamed, positions, key) - carried(past.source, positions, key);
  }
  if (motion.reliability) difference = difference * on_device(*motion.reliability);
  for (const auto& recollection : recollections)
    recollection.window.of(difference).add_(recalled(recollection));
  return (source + difference * blend).clamp(0, 1);
}

// What an older dream added, moved to where it belongs in the window.
at::Tensor Dreamer::recalled(const Recollection& recollection) const {
  const auto& [frame, window, flow, weight] = recollection;
  at::Tensor positions = image::positions({window.height, window.width}, {}, flow, objectives_.device());
  positions[0] += static_cast<double>(window.left);
  positions[1] += static_cast<double>(window.top);
  return image::resample(older_.at(frame).to(at::kFloat), positions, image::Border::edge) * on_device(weight);
}

at::Tensor Dreamer::carried(const at::Tensor& picture, const at::Tensor& positions,
                            const RandomKey& key) const {
  return positions.defined() ? image::resample(picture, positions, border_, key) : picture;
}

void Dreamer::warn_about_dropped_octaves(int dropped) {
  if (dropped > octaves_dropped_)
    log_info("the frame is small, so the dream leaves out " + counted(dropped, "octave") +
             " (its smallest copies): the layers need at least " +
             std::to_string(objectives_.networks().min_input_side()) + " px");
  octaves_dropped_ = std::max(octaves_dropped_, dropped);
}

}  // namespace dreamreel::render
