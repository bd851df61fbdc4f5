#include "steady_matte.h"

#include <ATen/TensorOperators.h>

#include <optional>
#include <utility>

#include "dreamreel/flow/reliability.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/resample.h"

namespace dreamreel::masking {
namespace {

// Weight of the previous matte where the motion is trusted. With it, a change in the network's map takes
// about four frames to arrive.
constexpr double kWeightOfPrevious = 0.75;
// Smallest trusted share of the frame. Below it, the matte begins anew. The share was above 0.6 within shots,
// and below 0.2 at cuts.
constexpr double kCutBelow = 0.35;

bool is_of_one_shot(const at::Tensor& trusted) {
  return trusted.mean().item<double>() >= kCutBelow;
}

}  // namespace

bool SteadyMatte::goes_on(const flow::FlowPair& motion) {
  return is_of_one_shot(flow::reliability(motion));
}

void SteadyMatte::begin() {
  picture_ = at::Tensor();
  frames_.clear();
}

void SteadyMatte::add(const at::Tensor& picture, const at::Tensor& map) {
  add(picture, [&](const flow::FlowPair*) { return map; });
}

void SteadyMatte::add(const at::Tensor& picture, const MapOf& map_of) {
  Frame frame;
  std::optional<flow::FlowPair> motion;
  if (picture_.defined()) {
    motion = estimator_.compute(picture_, picture);
    const at::Tensor trusted = flow::reliability(*motion);
    if (is_of_one_shot(trusted)) {
      frame.positions =
          image::positions({picture.size(1), picture.size(2)}, {}, motion->prev_from_cur, picture.device());
      frame.weight = trusted * kWeightOfPrevious;
    } else {
      motion.reset();
    }
  }
  frame.map = map_of(motion ? &*motion : nullptr);
  picture_ = picture;
  frames_.push_back(std::move(frame));
  if (std::ssize(frames_) > kFramesBefore + 1) frames_.pop_front();
}

at::Tensor SteadyMatte::matte() const {
  at::Tensor matte = frames_.front().map;
  for (auto frame = frames_.begin() + 1; frame != frames_.end(); ++frame)
    matte = frame->positions.defined()
                ? image::lerp(frame->map,
                              image::resample(matte, frame->positions, image::Border::edge).clamp(0, 1),
                              frame->weight)
                : frame->map;
  return matte;
}

}  // namespace dreamreel::masking
