#include "overlay.h"

#include <ATen/TensorOperators.h>

#include <utility>

#include "dreamreel/image/frame.h"
#include "dreamreel/image/on_device.h"
#include "dreamreel/schedule/feedback.h"

namespace dreamreel::render {

at::Tensor shown(const Layers& layers, const at::Tensor& dreamed) {
  if (layers.show_the_dream_alone()) return dreamed;
  if (layers.mask.defined())
    return image::quantise16(image::lerp(layers.base, dreamed, layers.mask * layers.opacity));
  return image::quantise16(image::lerp(layers.base, dreamed, layers.opacity));
}

Overlay::Overlay(const job::Job& job, const footage::Timeline& timeline, const media::VideoInfo& info,
                 const schedule::Loop& loop, const at::Device& device, bool is_shown)
    : job_(job), timeline_(timeline), loop_(loop), device_(device), is_shown_(is_shown), masks_(job, info) {
  if (loop_) twin_masks_.emplace(job, info);
  if (carry::StillFilm::is_needed(job)) still_.emplace(job, timeline, loop_, info, device);
}

Layers Overlay::of(const carry::AnalysedFrame& analysed, const at::Tensor& base, const RandomKey& key) {
  const at::Tensor mask = mask_of_dream(analysed);
  return {still_ ? still_->picture(analysed, key) : base, mask, opacity_of(analysed)};
}

Layers Overlay::of_held(const carry::AnalysedFrame& analysed, const at::Tensor& source) {
  return {source, mask_of_dream(analysed), opacity_of(analysed)};
}

Layers Overlay::of_filled(const carry::AnalysedFrame& between, const at::Tensor& base, const RandomKey& key) {
  const at::Tensor& mask = gap_masks_.at(between.frame.index);
  return {still_ ? still_->picture(between, key) : base, mask, opacity_of(between)};
}

void Overlay::collect_masks(const std::vector<carry::AnalysedFrame>& between) {
  gap_masks_.clear();
  for (const auto& frame : between) gap_masks_[frame.frame.index] = mask_of_dream(frame);
}

void Overlay::collect_block(const std::vector<media::VideoFrame>& block) {
  block_masks_.clear();
  std::map<std::int64_t, std::vector<at::Tensor>> found;
  for (const auto& frame : block) {
    carry::AnalysedFrame analysed;
    analysed.frame = frame;
    auto& masks = found[frame.index];
    masks.push_back(mask_of_dream(analysed));
    for (std::size_t i = 0; i < job_.dream.objectives.size(); ++i)
      masks.push_back(mask_of_objective(i, analysed));
  }
  block_masks_ = std::move(found);
}

at::Tensor Overlay::mask_of_objective(std::size_t objective, const carry::AnalysedFrame& analysed) {
  if (const auto known = block_masks_.find(analysed.frame.index); known != block_masks_.end())
    return known->second[objective + 1];
  return mask_of(analysed, job_.dream.objectives[objective].mask,
                 [&](masking::Masks& masks, const media::VideoFrame& frame, const curve::CurveTime& time) {
                   return masks.of_objective(objective, frame, time);
                 });
}

at::Tensor Overlay::mask_of_dream(const carry::AnalysedFrame& analysed) {
  if (const auto known = block_masks_.find(analysed.frame.index); known != block_masks_.end())
    return known->second.front();
  if (!is_shown_ && job_.dream.mask && !job_.dream.mask->confine) return {};
  return mask_of(analysed, job_.dream.mask,
                 [](masking::Masks& masks, const media::VideoFrame& frame, const curve::CurveTime& time) {
                   return masks.of_dream(frame, time);
                 });
}

// A mask of the frame, dissolved like its source; undefined if the job has no such mask. The frames of a mask
// file go with the frames of the clip, including the run-in. For pure feedback, they go with the shown
// frames.
at::Tensor Overlay::mask_of(const carry::AnalysedFrame& analysed, const std::optional<job::Mask>& said,
                            const Track& track) {
  const bool feedback = schedule::is_feedback(job_);
  const curve::CurveTime time = timeline_.at(analysed.frame);
  const auto numbered = [&](media::VideoFrame frame) {
    frame.index = feedback ? loop_.on_time_line(frame.index) : frame.index + loop_.run_in;
    return frame;
  };
  at::Tensor mask = track(masks_, numbered(analysed.frame), time);
  if (!mask.defined()) return mask;
  if (analysed.twin && !feedback)
    mask =
        image::lerp(mask, track(*twin_masks_, numbered(analysed.twin->frame), time), analysed.twin->weight);
  mask = image::on_device(mask, device_);
  // A mask that is made of a still moves as the still does.
  return still_ && said->from != job::Mask::From::file ? still_->moved(mask, analysed) : mask;
}

double Overlay::opacity_of(const carry::AnalysedFrame& analysed) const {
  return job_.dream.opacity.at(timeline_.at(analysed.frame));
}

}  // namespace dreamreel::render
