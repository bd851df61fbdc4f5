#include "dreamreel/carry/pasts.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/carry/between.h"
#include "dreamreel/carry/dissolve.h"
#include "dreamreel/footage/camera.h"
#include "dreamreel/footage/noise.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/on_device.h"
#include "dreamreel/schedule/feedback.h"
#include "sharpening.h"

namespace dreamreel::carry {

struct Pasts::Move {
  const job::Job& job;  // the render's own, or the settings of a round of the warm-up
  const Past& past;
  const Motion& motion;
  at::Tensor source;  // of the frame; undefined for pure feedback
  CarriedNoise::Grain grain{};
  std::vector<Recollection> recollections{};
  at::Tensor from_backward{};       // what the backward dream of the frame gives; undefined: nothing
  curve::CurveTime time_of_past{};  // of a backward pass
};

struct Pasts::Reading {
  at::Tensor positions;  // undefined: nothing moves, and nothing is resampled
  footage::Outside outside;
  RandomKey key;
};

at::Tensor source_of(const AnalysedFrame& analysed, const at::Device& device) {
  const at::Tensor source = image::on_device(analysed.frame.rgb, device);
  const auto& twin = analysed.twin;
  if (!twin || !twin->frame.rgb.defined()) return source;
  return image::lerp(source, image::on_device(twin->frame.rgb, device), twin->weight);
}

Pasts::Pasts(const job::Job& job, const footage::Timeline& timeline, const media::VideoInfo& info,
             const schedule::Loop& loop, const at::Device& device, Trace* trace)
    : job_(job),
      timeline_(timeline),
      device_(device),
      trace_(trace),
      noise_(job, timeline, loop, info),
      twin_noise_(job, timeline, loop, info) {}

at::Tensor Pasts::uploaded(const at::Tensor& tensor) const {
  return image::on_device(tensor, device_);
}

bool Pasts::carries(const curve::CurveTime& time) const {
  return schedule::is_feedback(job_) || job_.temporal.blend.at(time) > 0;
}

// For a pulled frame, both starts are completed before they are dissolved into each other. Each dream follows
// the motion of its own source, which a dissolved source would not show.
Start Pasts::start_of(const AnalysedFrame& analysed, const curve::CurveTime& time, const RandomKey& key) {
  const TraceSpan span(trace_, Trace::Track::ascent, "carry", analysed.frame.index);
  Start start;
  if (analysed.frame.rgb.defined()) start.source = uploaded(analysed.frame.rgb);
  // A shot whose first frame takes its backward dream over does not begin anew.
  const bool takes_over = analysed.backward.defined() && carries(time);
  start.continues_shot = analysed.step.continues_shot || takes_over;
  start.is_carried = start.continues_shot && carries(time);
  const bool is_moved = analysed.step.continues_shot && start.is_carried;
  const auto back = is_moved ? std::llround(analysed.motion.frames_since_previous) : 0;
  const auto grain = noise_.grain(analysed.step.piece, analysed.frame.index, back);
  start.picture = start.source;
  if (is_moved) {
    Move move{job_, last_, analysed.motion, start.source, grain, analysed.recollections};
    if (takes_over) move.from_backward = of_backward(analysed, start.source);
    const auto& [seconds, frames] =
        std::tie(analysed.motion.seconds_since_previous, analysed.motion.frames_since_previous);
    if (analysed.motion.is_backward)
      move.time_of_past =
          timeline_.at(analysed.frame.index + std::llround(frames), analysed.frame.seconds + seconds);
    start.picture = carried_on(move, time, key);
  } else if (takes_over) {
    start.picture = (start.source + of_backward(analysed, start.source) * blend_at(job_, time)).clamp(0, 1);
  } else if (grain.now.defined()) {
    start.picture = (start.picture + uploaded(grain.now)).clamp(0, 1);
  }
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

// What the backward dream of the frame added to its source, where the forward pass has nothing to carry on.
// Where a dream can be carried on, the backward one has no say: two dreams of the same place differ, and a
// mean of both would be paler than either, and would show both at once. Once a place has taken it over, the
// forward pass carries it on like its own. Undefined: nothing is open.
at::Tensor Pasts::of_backward(const AnalysedFrame& analysed, const at::Tensor& source) const {
  const bool begins = !analysed.step.continues_shot;
  if (!begins && !analysed.open.defined()) return {};
  const at::Tensor added = image::quantise16(uploaded(analysed.backward)) - source;
  return begins ? added : added * uploaded(analysed.open);
}

Start Pasts::twin_start(const Twin& twin, const curve::CurveTime& time, const RandomKey& key) {
  Start start;
  if (twin.frame.rgb.defined()) start.source = uploaded(twin.frame.rgb);
  start.continues_shot = twin.continues_shot;
  start.is_carried = twin.previous_dreamed.defined() && carries(time);
  start.picture = start.source;
  if (!start.is_carried) return start;
  Past past{image::quantise16(uploaded(twin.previous_dreamed)), {}};
  if (twin.previous_source.defined()) past.source = uploaded(twin.previous_source);
  const auto grain = twin_noise_.grain({twin.shot_begin, twin.shot_begin, 0}, twin.frame.index, 1);
  start.picture = carried_on({job_, past, twin.motion, start.source, grain}, time, key);
  return start;
}

at::Tensor Pasts::start_of_round(const job::Job& round_job, const at::Tensor& picture,
                                 const AnalysedFrame& analysed, const at::Tensor& source,
                                 const curve::CurveTime& time, const RandomKey& key) {
  at::Tensor start = picture;
  if (job_.input.noise) {
    // Carried noise belongs to the frame, so it stays in place while the picture moves below it.
    auto grain = noise_.grain(analysed.step.piece, analysed.frame.index, 0);
    grain.before = grain.now;
    const double fps = job_.temporal.at_fps.value_or(job_.input.noise->fps).value();
    start = carried_on({round_job, {picture, {}}, Motion{1 / fps, 1, {}, {}}, {}, grain}, time, key);
  }
  return schedule::is_feedback(job_) ? start : image::lerp(source, start, blend_at(round_job, time));
}

void Pasts::keep(const schedule::FrameStep& step, Past dream) {
  if (job_.temporal.every > 1) before_last_ = last_;
  last_ = std::move(dream);
  recall(step, last_);
}

// Later steps lean only on frames that this step leaned on, and on this frame itself.
void Pasts::recall(const schedule::FrameStep& step, const Past& dream) {
  if (step.action == schedule::FrameStep::Action::dream)
    std::erase_if(older_,
                  [&](const auto& older) { return std::ranges::count(step.leans_on, older.first) == 0; });
  if (step.is_kept_in_mind) older_[step.frame] = (dream.dreamed - dream.source).to(at::kHalf);
}

// From the frame behind. The camera's step is the one that leads forward to that frame, undone.
at::Tensor Pasts::carried_back(const Move& move, const curve::CurveTime& time, const RandomKey& key) const {
  const auto camera =
      footage::camera_step(move.job.camera, move.time_of_past, move.motion.seconds_since_previous,
                           move.motion.frames_since_previous);
  const Neighbour behind = neighbour_ahead(move.past.dreamed, move.past.source, camera, move.motion, 0);
  Motion undone = move.motion;
  if (behind.reliability.defined()) undone.reliability = behind.reliability;
  const Move back{move.job, move.past, undone, move.source};
  const image::Size size{move.past.dreamed.size(1), move.past.dreamed.size(2)};
  const Reading reading{behind.positions, footage::outside_of(move.job, time, size), key};
  return blended(back, reading, blend_at(move.job, time));
}

at::Tensor Pasts::carried_on(const Move& move, const curve::CurveTime& time, const RandomKey& key) const {
  if (move.motion.is_backward) return carried_back(move, time, key);
  const Reading reading = reading_of(move, time, key);
  return move.source.defined() ? blended(move, reading, blend_at(move.job, time))
                               : fed_back(move, reading, time);
}

// Camera and flow in one map, because every further resampling blurs.
Pasts::Reading Pasts::reading_of(const Move& move, const curve::CurveTime& time, const RandomKey& key) const {
  const image::Size size{move.past.dreamed.size(1), move.past.dreamed.size(2)};
  Reading reading{{}, footage::outside_of(move.job, time, size), key};
  const auto camera = footage::camera_step(move.job.camera, time, move.motion.seconds_since_previous,
                                           move.motion.frames_since_previous);
  if (camera.is_identity() && !move.motion.prev_from_cur) return reading;
  std::optional<at::Tensor> flow;
  if (move.motion.prev_from_cur) flow = uploaded(*move.motion.prev_from_cur);
  reading.positions = image::positions(size, camera, flow, device_);
  return reading;
}

// Pure feedback: the last dream itself, with the noise of this frame in place of its own.
at::Tensor Pasts::fed_back(const Move& move, const Reading& reading, const curve::CurveTime& time) const {
  const auto& [before, now] = move.grain;
  at::Tensor start =
      moved(before.defined() ? move.past.dreamed - uploaded(before) : move.past.dreamed, reading);
  const double amount = move.job.temporal.sharpen.at(time);
  if (amount > 0 && reading.positions.defined()) start = sharpened(start, reading.positions, amount);
  if (now.defined()) start = start + uploaded(now);
  const bool is_fresh = move.job.temporal.noise_motion == job::Temporal::NoiseMotion::fresh;
  const double sigma = noise_at(move.job, time);
  if (is_fresh && sigma > 0) {
    const at::Tensor noise = footage::noise_for(move.job, time, {start.size(1), start.size(2)}, reading.key,
                                                Purpose::fresh_noise, sigma);
    start = start + uploaded(noise - 0.5);
  }
  return start.clamp(0, 1);
}

at::Tensor Pasts::blended(const Move& move, const Reading& reading, double blend) const {
  at::Tensor difference = added(move, reading);
  if (move.motion.reliability) difference = difference * uploaded(*move.motion.reliability);
  for (const auto& recollection : move.recollections)
    recollection.window.of(difference).add_(remembered(recollection));
  if (move.from_backward.defined()) difference = difference + move.from_backward;
  return (move.source + difference * blend).clamp(0, 1);
}

// What the past dream adds to the frame's source. Resampling is linear, so the dream's addition to its own
// source can be resampled at once. Only fresh noise at the border needs two readings, because it cancels out
// between them.
at::Tensor Pasts::added(const Move& move, const Reading& reading) const {
  const auto& [dreamed, source] = move.past;
  if (job_.temporal.carry != job::Temporal::Carry::detail) return moved(dreamed, reading) - move.source;
  if (!reading.outside.is_noise()) return moved(dreamed - source, reading);
  return moved(dreamed, reading) - moved(source, reading);
}

// What an older dream added, moved to where it belongs in the window.
at::Tensor Pasts::remembered(const Recollection& recollection) const {
  const auto& [frame, window, flow, weight] = recollection;
  at::Tensor positions = image::positions({window.height, window.width}, {}, flow, device_);
  positions[0] += static_cast<double>(window.left);
  positions[1] += static_cast<double>(window.top);
  return image::resample(older_.at(frame).to(at::kFloat), positions, image::Border::edge) * uploaded(weight);
}

at::Tensor Pasts::moved(const at::Tensor& picture, const Reading& reading) {
  const auto& [positions, outside, key] = reading;
  return positions.defined() ? image::resample(picture, positions, outside.border, key, outside.noise_size)
                             : picture;
}

}  // namespace dreamreel::carry
