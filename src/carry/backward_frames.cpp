#include "dreamreel/carry/backward_frames.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "dreamreel/carry/deepen.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/flow/composed.h"

namespace dreamreel::carry {

std::int64_t frames_of_block(int width, int height) {
  constexpr std::int64_t kBytes = 128 << 20, kLeast = 4, kMost = 32, kPicture = 12;
  const auto frame = std::max<std::int64_t>(1, static_cast<std::int64_t>(width) * height * kPicture);
  return std::clamp(kBytes / frame, kLeast, kMost);
}

BackwardFrames::BackwardFrames(Open open, Order order, const job::Temporal& temporal,
                               const footage::Timeline& timeline, const std::atomic<bool>* stop)
    : open_(std::move(open)),
      order_(std::move(order)),
      motion_(temporal, timeline),
      deepens_(temporal.deepen.max() > 0),
      stop_(stop),
      position_(order_.frames.front()) {}

void BackwardFrames::fill_block() {
  const auto source = open_();
  source->stop_at(stop_);
  const auto& info = source->info();
  const std::int64_t first =
      std::max(order_.frames.back(), position_ - frames_of_block(info.width, info.height) + 1);
  const std::int64_t before = first + source->loop().run_in;
  bool is_there = before == 0 || source->skip(before) == before;
  for (std::int64_t index = first; is_there && index <= position_; ++index) {
    throw_if_stopped(stop_, "interrupted while reading the source");
    auto frame = source->next();
    is_there = frame.has_value();
    if (frame) block_.push_back(std::move(*frame));
  }
  masked_.clear();
  std::ranges::copy_if(block_, std::back_inserter(masked_), [&](const media::VideoFrame& frame) {
    return std::ranges::binary_search(order_.frames, frame.index, std::greater<>());
  });
  if (!is_there)
    throw DataError("the source ends before frame " + std::to_string(position_) +
                    "; has it changed, or can it not be read to its end any more?");
}

media::VideoFrame BackwardFrames::decode() {
  if (block_.empty()) fill_block();
  auto frame = std::move(block_.back());
  block_.pop_back();
  --position_;
  return frame;
}

// The flow over the frames in between is composed, as it is forward (Analysis::find_motion()).
std::optional<AnalysedFrame> BackwardFrames::next() {
  if (place_ == order_.frames.size()) return {};
  throw_if_stopped(stop_, "interrupted while reading the source");
  AnalysedFrame analysed;
  for (bool is_wanted = false; !is_wanted;) {
    analysed.frame = decode();
    is_wanted = analysed.frame.index == order_.frames[place_];
    if (behind_) {
      auto step = motion_.flow(behind_->rgb, analysed.frame.rgb);
      path_ = path_ && step ? flow::composed(*path_, *step) : std::move(step);
    }
    behind_ = analysed.frame;
  }
  auto& step = analysed.step;
  using Action = schedule::FrameStep::Action;
  step.frame = analysed.frame.index;
  step.action = place_ == 0 && order_.is_restored ? Action::restore : Action::dream;
  step.piece = order_.piece;
  step.is_dreamed = true;
  step.continues_shot = step.needs_motion = place_ > 0;
  if (step.action == Action::dream) analysed.block = std::exchange(masked_, {});
  auto& motion = analysed.motion;
  motion.is_backward = true;
  if (dreamed_) {
    step.leans_on = {dreamed_->index};
    motion.seconds_since_previous = dreamed_->seconds - analysed.frame.seconds;
    motion.frames_since_previous = static_cast<double>(dreamed_->index - analysed.frame.index);
    motion_.describe(path_, analysed.frame, motion);
    if (deepens_ && motion.reliability)
      analysed.fresh = fresh_places(*motion.distrust, 1 - *motion.reliability);
    motion.distrust.reset();
  }
  dreamed_ = analysed.frame;
  path_.reset();
  ++place_;
  return analysed;
}

}  // namespace dreamreel::carry
