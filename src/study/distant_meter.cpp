#include "distant_meter.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "dreamreel/image/resample.h"

namespace dreamreel::study {
namespace {

constexpr std::size_t kNear = 8, kFar = 24;  // frames back
constexpr double kEnoughTrusted = 0.05;      // of the frame
constexpr double kEnoughUncovered = 0.002;

double sum_of(const at::Tensor& tensor) {
  return tensor.sum(at::kDouble).item<double>();
}

}  // namespace

void Likeness::add(const at::Tensor& now, const at::Tensor& then, const at::Tensor& weight) {
  pixels_ += sum_of(weight);
  now_ += sum_of(now * weight);
  then_ += sum_of(then * weight);
  now_now_ += sum_of(now.square() * weight);
  then_then_ += sum_of(then.square() * weight);
  now_then_ += sum_of(now * then * weight);
}

void Likeness::add(const Likeness& other) {
  pixels_ += other.pixels_;
  now_ += other.now_;
  then_ += other.then_;
  now_now_ += other.now_now_;
  then_then_ += other.then_then_;
  now_then_ += other.now_then_;
}

std::optional<double> Likeness::memory() const {
  const double values = 3 * pixels_;
  if (values <= 0) return {};
  const double variances = (now_now_ - now_ * now_ / values) * (then_then_ - then_ * then_ / values);
  return variances > 0 ? std::optional((now_then_ - now_ * then_ / values) / std::sqrt(variances))
                       : std::nullopt;
}

std::optional<double> Likeness::depth() const {
  return then_then_ > 0 ? std::optional(std::sqrt(now_now_ / then_then_)) : std::nullopt;
}

// `open`: the uncovered places that no nearer frame has shown.
std::optional<double> DistantMeter::compare(const Kept& then, const Kept& now, at::Tensor& open,
                                            Likeness& likeness) {
  const flow::PlaceWindow whole{0, 0, now.luma.size(1), now.luma.size(2)};
  const auto shift = flow::overall_shift(then.luma, now.luma);
  const auto found = flow::distant_flow(estimator_, then.luma, now.luma, whole, shift);
  const auto& here = found.window;
  const double trusted = here.area() > 0 ? sum_of(found.trust) : 0;
  if (trusted < kEnoughTrusted * static_cast<double>(whole.area())) return {};
  at::Tensor positions = image::positions({here.height, here.width}, {}, found.prev_from_cur, at::kCPU);
  positions[0] += static_cast<double>(here.left);
  positions[1] += static_cast<double>(here.top);
  const auto moved = [&](const at::Tensor& picture) {
    return image::resample(picture.to(at::kFloat), positions, image::Border::edge);
  };
  const at::Tensor error = (here.of(now.output).to(at::kFloat) - moved(then.output)).square().mean(0, true);
  if (open.defined() && now.added.defined() && then.added.defined()) {
    at::Tensor left = here.of(open);
    const at::Tensor weight = left * found.trust;
    likeness.add(here.of(now.added).to(at::kFloat), moved(then.added), weight);
    left.sub_(weight);
  }
  return sum_of(error * found.trust) / trusted;
}

void DistantMeter::measure(const at::Tensor& output, const at::Tensor& reference, const at::Tensor& uncovered,
                           FrameMeasure& into) {
  Kept now{output.to(at::kHalf), {}, flow::luma_levels(reference)};
  if (!output.is_same(reference)) now.added = (output - reference).to(at::kHalf);
  at::Tensor open = uncovered.defined() ? uncovered.clone() : at::Tensor();
  Likeness likeness;
  if (kept_.size() >= kNear) into.warping_error_8 = compare(kept_[kNear - 1], now, open, likeness);
  if (kept_.size() >= kFar) into.warping_error_24 = compare(kept_[kFar - 1], now, open, likeness);
  const auto pixels = static_cast<double>(output.size(1) * output.size(2));
  if (likeness.pixels() >= kEnoughUncovered * pixels) {
    into.memory = likeness.memory();
    into.depth = likeness.depth();
    whole_.add(likeness);
  }
  kept_.push_front(std::move(now));
  if (kept_.size() > kFar) kept_.pop_back();
}

}  // namespace dreamreel::study
