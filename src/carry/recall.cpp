#include "dreamreel/carry/recall.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/max_pool2d.h>

#include <algorithm>
#include <utility>

namespace dreamreel::carry {
namespace {

constexpr std::int64_t kMostFrames = 2;  // most area of all pasts' windows together, in frames
constexpr int kPastsForAll = 2;
constexpr std::int64_t kThickness = 9;  // px, odd
constexpr std::int64_t kSearchMarginPx =
    32;  // around what is looked for, so that the flow has something to hold on to

at::Tensor largest_around(const at::Tensor& map) {
  constexpr std::int64_t kReach = kThickness / 2;
  const at::Tensor across = at::max_pool2d(map.unsqueeze(0), {1, kThickness}, {1, 1}, {0, kReach});
  return at::max_pool2d(across, {kThickness, 1}, {1, 1}, {kReach, 0}).squeeze(0);
}

// The places that are looked for and that the past can show: a picture that has moved shows other places.
at::Tensor within_past(const at::Tensor& open, const flow::Shift& shift) {
  at::Tensor seen = open.clone();
  const auto hide = [&seen](std::int64_t dim, std::int64_t shift_px) {
    const std::int64_t length = seen.size(dim), hidden = std::min(length, std::abs(shift_px));
    seen.narrow(dim, shift_px > 0 ? length - hidden : 0, hidden).zero_();
  };
  hide(1, shift.y);
  hide(2, shift.x);
  return seen;
}

}  // namespace

at::Tensor thick_parts(const at::Tensor& map) {
  const at::Tensor places = map.gt(0.5).to(at::kFloat);
  return map * largest_around(-largest_around(-places));
}

Recall::Recall(const job::Temporal& temporal) : estimator_({temporal.flow, flow::Quality::medium}) {}

void Recall::keep(std::int64_t frame, const at::Tensor& rgb) {
  lumas_[frame] = flow::luma_levels(rgb);
}

void Recall::keep_only(const std::vector<std::int64_t>& frames) {
  std::erase_if(lumas_, [&](const auto& kept) { return std::ranges::count(frames, kept.first) == 0; });
}

std::vector<Recollection> Recall::recollect(const at::Tensor& rgb, at::Tensor& open,
                                            const std::vector<Older>& pasts) {
  std::vector<Recollection> found;
  at::Tensor luma;
  int looked_into = 0;
  std::int64_t left_to_look_at = kMostFrames * open.numel();
  for (const auto& [past, guess] : pasts) {
    const at::Tensor sought = looked_into++ < kPastsForAll ? open : thick_parts(open);
    if (flow::windows_around(sought, 0).empty()) continue;
    if (!luma.defined()) luma = flow::luma_levels(rgb);
    const at::Tensor& before = lumas_.at(past);
    const flow::Shift shift = flow::overall_shift(before, luma, guess);
    for (const auto& window : flow::windows_around(within_past(sought, shift), kSearchMarginPx)) {
      left_to_look_at -= window.area();
      if (left_to_look_at < 0) return found;
      auto there = flow::distant_flow(estimator_, before, luma, window, shift);
      if (there.window.area() == 0) continue;
      at::Tensor left = there.window.of(open);
      at::Tensor weight = left * there.trust;
      if (weight.max().item<float>() < 0.5F) continue;
      left.sub_(weight);
      found.push_back({past, there.window, std::move(there.prev_from_cur), std::move(weight)});
    }
  }
  return found;
}

}  // namespace dreamreel::carry
