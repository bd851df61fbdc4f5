#include "dreamer.h"

#include <ATen/TensorOperators.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/carry/between.h"
#include "dreamreel/carry/deepen.h"
#include "dreamreel/carry/maps_picture.h"
#include "dreamreel/core/counted.h"
#include "dreamreel/core/log.h"
#include "dreamreel/footage/camera.h"
#include "dreamreel/footage/noise.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/on_device.h"
#include "dreamreel/masking/masks_picture.h"
#include "dreamreel/schedule/feedback.h"
#include "dreamreel/work/stored_note.h"
#include "marks.h"

namespace dreamreel::render {

namespace {

// A confined dream grows at full speed wherever the mask is at least an eighth. Without this, the dream
// itself would be weaker at the mask's edge, and not only its picture would fade.
constexpr double kConfinedFrom = 0.125;

}  // namespace

Dreamer::Dreamer(const job::Job& job, model::ObjectiveSet& objectives, const footage::Timeline& timeline,
                 const media::VideoInfo& info, const schedule::Loop& loop, const dream::PassLimit& limit,
                 Trace* trace, Direction direction)
    : job_(job),
      objectives_(objectives),
      timeline_(timeline),
      loop_(loop),
      limit_(limit),
      trace_(trace),
      direction_(direction),
      pasts_(job, timeline, info, loop, objectives.device(), trace),
      overlay_(job, timeline, info, loop, objectives.device(), direction == Direction::forward) {}

// This is the way of one frame.
DreamedFrame Dreamer::dream(const carry::AnalysedFrame& analysed, const dream::StepObserver& observer) {
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const RandomKey key = key_of(analysed);
  overlay_.collect_masks(analysed.between);
  if (!analysed.block.empty()) overlay_.collect_block(analysed.block);

  // The last dream moves along camera and flow, and is blended into the source.
  carry::Start start = pasts_.start_of(analysed, time, key);
  start.picture = picture_to_ascend(start, analysed, time);
  dream::AscentOptions options = options_of(analysed, start, time);
  Layers layers = overlay_.of(analysed, start.source.defined() ? start.source : start.picture, key);
  if (job_.dream.show_masks) {
    std::vector<at::Tensor> of_objectives;
    for (const auto& objective : options.objectives) of_objectives.push_back(objective.mask);
    start.picture = masking::masks_picture(layers.base, std::exchange(layers.mask, {}), of_objectives);
  }
  if (layers.mask.defined() && job_.dream.mask->confine)
    options.mask = (layers.mask / kConfinedFrom).clamp(0, 1);
  // Nothing fades in pure feedback, so what leaves the mask has to be taken back.
  if (options.mask.defined() && overlay_.has_still())
    start.picture = image::lerp(layers.base, start.picture, options.mask);

  objectives_.apply_lesions(job_, time);
  const dream::AscentResult result = ascended(analysed, start, std::move(options), observer);

  const TraceSpan span(trace_, Trace::Track::ascent, "colour and quantise", analysed.frame.index);
  const at::Tensor dreamed = quantised(result.picture, analysed, start.source, time);
  pasts_.keep(analysed.step, {dreamed, start.source});
  closing_time_ = time;
  objective_ = result.objective;
  const at::Tensor stored = dreamed.cpu();
  DreamedFrame frame{stored, stored, objective_, to_text(palette_)};
  if (overlay_.has_still()) frame.base = layers.base.cpu();
  if (!layers.show_the_dream_alone()) frame.output = shown(layers, dreamed).cpu();
  return frame;
}

// The next frame continues from this frame's own source, as it does after restore().
DreamedFrame Dreamer::hold(const carry::AnalysedFrame& analysed) {
  const TraceSpan span(trace_, Trace::Track::ascent, "hold", analysed.frame.index);
  overlay_.collect_masks(analysed.between);
  const at::Tensor source = on_own_device(analysed.frame.rgb);
  const Layers layers = overlay_.of_held(analysed, source);
  pasts_.keep(analysed.step, {pasts_.last().dreamed, source});
  closing_time_ = timeline_.at(analysed.frame);
  const at::Tensor stored = pasts_.last().dreamed.cpu();
  DreamedFrame frame{stored, stored, objective_,
                     work::with_drawing(to_text(palette_), analysed.held_from.value())};
  if (!layers.show_the_dream_alone()) frame.output = shown(layers, pasts_.last().dreamed).cpu();
  return frame;
}

DreamedFrame Dreamer::fill(const carry::AnalysedFrame& between) {
  const TraceSpan span(trace_, Trace::Track::ascent, "fill in", between.frame.index);
  const at::Tensor source = between.frame.rgb.defined() ? on_own_device(between.frame.rgb) : at::Tensor();
  const auto& [behind, ahead] = std::tie(between.motion, between.motion_ahead);
  const auto& [past, next] = std::tie(pasts_.before_last(), pasts_.last());
  const double seconds = behind.seconds_since_previous + ahead.seconds_since_previous;
  const double frames = behind.frames_since_previous + ahead.frames_since_previous;
  // The camera's whole step between the two dreamed frames, at one speed.
  const auto camera = footage::camera_step(job_.camera, closing_time_, seconds, frames);
  const double place = seconds > 0 ? behind.seconds_since_previous / seconds : 0.5;
  const carry::Neighbour before =
      carry::neighbour_behind(past.dreamed, past.source, carry::part_of(camera, place), behind, 1 - place);
  const carry::Neighbour after =
      carry::neighbour_ahead(next.dreamed, next.source, carry::part_of(camera, 1 - place), ahead, place);
  const footage::Outside outside =
      footage::outside_of(job_, timeline_.at(between.frame), {next.dreamed.size(1), next.dreamed.size(2)});
  at::Tensor picture = carry::filled(source, before, after, outside, key_of(between));
  if (!source.defined()) picture = carry::sharpened_between(picture, before, after);
  const at::Tensor dreamed = image::quantise16(picture);
  const at::Tensor stored = dreamed.cpu();
  DreamedFrame frame{stored, stored, objective_, to_text(palette_)};
  const Layers layers = overlay_.of_filled(between, source.defined() ? source : dreamed, key_of(between));
  if (overlay_.has_still()) frame.base = layers.base.cpu();
  if (!layers.show_the_dream_alone()) frame.output = shown(layers, dreamed).cpu();
  return frame;
}

at::Tensor Dreamer::show(const carry::AnalysedFrame& analysed, const at::Tensor& dreamed) {
  if (job_.dream.show_masks) return dreamed;
  const at::Tensor base =
      overlay_.has_still() ? at::Tensor() : carry::source_of(analysed, objectives_.device());
  const Layers layers = overlay_.of(analysed, base, key_of(analysed));
  return shown(layers, image::quantise16(on_own_device(dreamed))).cpu();
}

// Stored dreams are quantised again, because the levels on a GPU differ by the last bit of a division.
void Dreamer::restore(const carry::AnalysedFrame& analysed, const at::Tensor& dreamed,
                      const std::string& note) {
  palette_ = palette_from(work::without_drawing(note));
  const bool has_picture = analysed.frame.rgb.defined();
  pasts_.keep(analysed.step, {image::quantise16(on_own_device(dreamed)),
                              has_picture ? carry::source_of(analysed, objectives_.device()) : at::Tensor()});
}

void Dreamer::recall(const carry::AnalysedFrame& analysed, const at::Tensor& dreamed) {
  pasts_.recall(analysed.step, {image::quantise16(on_own_device(dreamed)),
                                carry::source_of(analysed, objectives_.device())});
}

// The two passes share no random numbers: the same steps at the same places would only be repeated.
RandomKey Dreamer::key_of(const carry::AnalysedFrame& analysed) const {
  constexpr std::uint64_t kBackwardSeed = 0x9E3779B97F4A7C15;
  const std::uint64_t seed = direction_ == Direction::backward ? job_.seed ^ kBackwardSeed : job_.seed;
  return {seed, loop_.on_time_line(analysed.frame.index), 0, 0};
}

at::Tensor Dreamer::on_own_device(const at::Tensor& tensor) const {
  return image::on_device(tensor, objectives_.device());
}

// The start itself, or a picture that shows how it came about. Pure feedback carries its first dots for ever.
at::Tensor Dreamer::picture_to_ascend(const carry::Start& start, const carry::AnalysedFrame& analysed,
                                      const curve::CurveTime& time) const {
  const bool has_source = start.source.defined();
  const at::Tensor picture =
      job_.temporal.maps && has_source ? carry::maps_picture(analysed, start.source) : start.picture;
  if (!job_.temporal.marks || (!has_source && pasts_.last().dreamed.defined())) return picture;
  return marked(picture, has_source ? start.source : picture,
                1 - (start.is_carried ? carry::blend_at(job_, time) : 0));
}

dream::AscentOptions Dreamer::options_of(const carry::AnalysedFrame& analysed, const carry::Start& start,
                                         const curve::CurveTime& time) {
  auto options = carry::ascent_options(job_, objectives_.at(job_, time, start.source), time,
                                       start.continues_shot, start.is_carried);
  options.limit = limit_;
  for (std::size_t i = 0; i < options.objectives.size(); ++i)
    options.objectives[i].mask = overlay_.mask_of_objective(i, analysed);
  return options;
}

dream::AscentResult Dreamer::ascended(const carry::AnalysedFrame& analysed, const carry::Start& start,
                                      dream::AscentOptions options, const dream::StepObserver& observer) {
  const at::Tensor picture = start.is_carried && !analysed.fresh.windows.empty()
                                 ? deepened_start(start, analysed, options, observer)
                                 : start.picture;
  const TraceSpan span(trace_, Trace::Track::ascent, "ascend", analysed.frame.index);
  const auto steps = traced(observer, analysed.frame.index);
  auto result = dream::ascend(objectives_.networks(), picture, options, key_of(analysed), steps);
  if (!start.continues_shot)
    result = warmed_up(std::move(result), analysed, start.source, std::move(options), steps);
  warn_about_dropped_octaves(result.octaves_dropped);
  return result;
}

// Dreams the first frame of a shot several times, so that it is as strong as later frames. The picture stands
// still meanwhile. For a dream out of noise, nothing has to stay in place, so the picture moves like later
// frames, and gets as soft as they are. temporal.calm does not slow this down: a calm dream would need more
// rounds to become as strong. Rounds are frames of the asked rate (temporal.at_fps), so that a shot begins
// with the same picture at every rate.
dream::AscentResult Dreamer::warmed_up(dream::AscentResult first, const carry::AnalysedFrame& analysed,
                                       const at::Tensor& source, dream::AscentOptions options,
                                       const dream::StepObserver& observer) {
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const int rounds = carry::warmup_rounds(job_, time);
  job::Job round_job = job_;
  round_job.temporal.calm = 0;
  round_job.temporal.at_fps.reset();
  const auto later = carry::ascent_options(round_job, {}, time, true, true);
  options.iterations = later.iterations;
  options.step = later.step;
  RandomKey key = key_of(analysed);
  dream::AscentResult result = std::move(first);
  for (int round = 1; round <= rounds; ++round) {
    key.octave = round * carry::kOctavesOfARound;
    const at::Tensor start = pasts_.start_of_round(round_job, result.picture, analysed, source, time, key);
    result = dream::ascend(objectives_.networks(), start, options, key, observer);
  }
  return result;
}

at::Tensor Dreamer::deepened_start(const carry::Start& start, const carry::AnalysedFrame& analysed,
                                   dream::AscentOptions options, const dream::StepObserver& observer) const {
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const int rounds = static_cast<int>(std::lround(job_.temporal.deepen.at(time)));
  // Steps as in the first frame of a shot: nothing is there that a large step could upset.
  const auto fresh_steps = carry::ascent_options(job_, {}, time, true, false);
  options.step = fresh_steps.step;
  options.iterations = fresh_steps.iterations;
  if (rounds == 0 || options.iterations == 0) return start.picture;
  const TraceSpan span(trace_, Trace::Track::ascent, "deepen", analysed.frame.index);
  carry::FreshPlaces fresh = analysed.fresh;
  fresh.map = on_own_device(fresh.map);
  return carry::deepened(objectives_.networks(), start.picture, start.source, fresh, options, rounds,
                         key_of(analysed), observer);
}

// D_t: the picture in the job's colours, on 16-bit levels.
at::Tensor Dreamer::quantised(const at::Tensor& picture, const carry::AnalysedFrame& analysed,
                              const at::Tensor& source, const curve::CurveTime& time) {
  if (!analysed.step.continues_shot) palette_.reset();
  const at::Tensor dreamed = image::quantise16(in_colour(picture, analysed, source, time));
  if (job_.colour.match == job::Colour::Match::first && !palette_) palette_ = image::lab_statistics(dreamed);
  return dreamed;
}

at::Tensor Dreamer::in_colour(const at::Tensor& picture, const carry::AnalysedFrame& analysed,
                              const at::Tensor& source, const curve::CurveTime& time) const {
  const at::Tensor own = coloured(picture, source, palette_, job_.colour, time);
  if (!analysed.twin || job_.colour.match != job::Colour::Match::first) return own;
  const Palette of_twin = palette_from(analysed.twin->note);
  return image::lerp(own, coloured(picture, source, of_twin, job_.colour, time), analysed.twin->weight);
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

void Dreamer::warn_about_dropped_octaves(int dropped) {
  if (dropped > octaves_dropped_)
    log_info(
        fmt::format("the frame is small, so the dream leaves out {} (its smallest copies): the layers need "
                    "at least {} px",
                    counted(dropped, "octave"), objectives_.networks().min_input_side()));
  octaves_dropped_ = std::max(octaves_dropped_, dropped);
}

}  // namespace dreamreel::render
