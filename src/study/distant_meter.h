// Compares a dream with what it was some time ago, along flow that is found directly. Part of measure().
#pragma once

#include <ATen/core/Tensor.h>

#include <deque>
#include <optional>

#include "dreamreel/flow/distant.h"
#include "dreamreel/flow/flow.h"
#include "dreamreel/study/measure.h"

namespace dreamreel::study {

/// How alike two signals are, and how strong the first is beside the second, over weighted pixels of many
/// frames.
class Likeness {
 public:
  /// `now` and `then` (3,h,w), `weight` (1,h,w).
  void add(const at::Tensor& now, const at::Tensor& then, const at::Tensor& weight);
  void add(const Likeness& other);
  double pixels() const { return pixels_; }
  std::optional<double> memory() const;  ///< the correlation; none of nothing
  std::optional<double> depth() const;   ///< the ratio of root mean squares

 private:
  double pixels_ = 0, now_ = 0, then_ = 0, now_now_ = 0, then_then_ = 0, now_then_ = 0;
};

/// One thread, frames in order. Keeps the last 24 frames: 7 bytes a pixel of each.
class DistantMeter {
 public:
  explicit DistantMeter(const flow::FlowOptions& options) : estimator_(options) {}

  void begin_shot() { kept_.clear(); }
  /// `uncovered` (1,H,W), or undefined where memory and depth are not wanted.
  void measure(const at::Tensor& output, const at::Tensor& reference, const at::Tensor& uncovered,
               FrameMeasure& into);
  const Likeness& whole() const { return whole_; }

 private:
  struct Kept {
    at::Tensor output, added;  ///< half precision; `added` only where memory and depth are wanted
    at::Tensor luma;
  };
  std::optional<double> compare(const Kept& then, const Kept& now, at::Tensor& open, Likeness& likeness);

  flow::FlowEstimator estimator_;
  std::deque<Kept> kept_;
  Likeness whole_;
};

}  // namespace dreamreel::study
