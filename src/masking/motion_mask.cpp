#include "motion_mask.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <utility>

#include "dreamreel/flow/dominant_motion.h"
#include "dreamreel/image/guided_filter.h"
#include "dreamreel/masking/masks.h"
#include "matte.h"

namespace dreamreel::masking {
namespace {

constexpr int kSide = 512;            // px, of thumbnails: a speed of 0.04 is about a pixel a frame
constexpr std::int64_t kErrorPx = 6;  // of a thumbnail: how far the flow's edges lie beside the picture's
constexpr double kUsualRate = 24;     // frames a second, where time stamps do not rise

}  // namespace

at::Tensor speeds(const at::Tensor& flow, double seconds) {
  const double widths = 1 / (static_cast<double>(flow.size(2)) * seconds);
  return (flow.square().sum(0, /*keepdim=*/true).sqrt() * widths).clamp(0, 1);
}

MotionMask::MotionMask(const job::Input& input, bool is_relative)
    : is_relative_(is_relative), thumbnails_(input, kSide, /*beyond_trim=*/true) {}

at::Tensor MotionMask::at(std::int64_t number, const at::Tensor& rgb, const job::Mask& mask,
                          const curve::CurveTime& time) {
  read_up_to(number);
  const at::Tensor map = key(mask, {}, steady_.matte(), time);
  // Thumbnails and frames are each rounded to whole pixels in their own way.
  const image::Size size{std::min(map.size(1), rgb.size(1)), std::min(map.size(2), rgb.size(2))};
  image::GuidedFilter filter;
  filter.radius_px = kErrorPx;
  filter.flatness = kMatteFlatness;
  return image::guided_filter(image::resize(map, size), rgb, filter).clamp(0, 1);
}

void MotionMask::read_up_to(std::int64_t number) {
  if (next_ == number + 1) return;  // asked for again
  // One frame more, so that the motion up to the oldest frame that counts is known.
  const auto first = std::max<std::int64_t>(0, number - SteadyMatte::kFramesBefore - 1);
  if (next_ < first || next_ > number) {
    thumbnails_.go_to(first);
    steady_.begin();
    ahead_.reset();
    next_ = first;
  }
  for (; next_ <= number; ++next_) {
    const auto frame = take();
    if (!frame) footage::throw_mask_lacks_frame(next_, number);
    steady_.add(frame->rgb, [&](const flow::FlowPair* since) { return speed_of(*frame, since); });
    seconds_ = frame->seconds;
  }
}

std::optional<media::VideoFrame> MotionMask::take() {
  return ahead_ ? std::exchange(ahead_, std::nullopt) : thumbnails_.next();
}

// The first frame of a shot moves as it will move towards the next frame. If the shot has no other frame,
// nothing is known of its motion, and it counts as still.
at::Tensor MotionMask::speed_of(const media::VideoFrame& frame, const flow::FlowPair* since) {
  if (since != nullptr) return speed(since->prev_from_cur, frame.seconds - seconds_);
  if (!ahead_) ahead_ = thumbnails_.next();
  if (ahead_) {
    const auto motion = ahead_estimator_.compute(frame.rgb, ahead_->rgb);
    if (SteadyMatte::goes_on(motion)) return speed(motion.cur_from_prev, ahead_->seconds - frame.seconds);
  }
  return at::zeros({1, frame.rgb.size(1), frame.rgb.size(2)});
}

at::Tensor MotionMask::speed(const at::Tensor& flow, double seconds) const {
  const double known = seconds > 0 ? seconds : 1 / kUsualRate;
  return speeds(is_relative_ ? flow - flow::dominant_motion(flow) : flow, known);
}

std::int64_t MotionMask::bytes(image::Size frame) {
  // Bytes per pixel of a thumbnail: pictures, flow in both directions and its parts, the filter in float64,
  // and the maps of earlier frames.
  constexpr std::int64_t kFlow = 60 * 4, kFilter = 60 * 8, kHeld = (SteadyMatte::kFramesBefore + 1) * 4 * 4;
  // Bytes per pixel of a frame: the decoder's buffers, and the filter's coefficients at full size.
  constexpr std::int64_t kFrame = 60 + 10 * 4;
  const auto small = footage::thumbnail_size(frame, kSide);
  return small.height * small.width * (kFlow + kFilter + kHeld) + frame.height * frame.width * kFrame;
}

}  // namespace dreamreel::masking
