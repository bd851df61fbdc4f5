// Compares a dream with the dream some frames ago, along flow that is found between the two frames directly.
// It is a part of measure().
#pragma once

#include <ATen/core/Tensor.h>

#include <deque>
#include <optional>

#include "dreamreel/flow/distant.h"
#include "dreamreel/flow/flow_estimator.h"
#include "dreamreel/study/measure.h"

namespace dreamreel::study {

/// The similarity of two signals, and the ratio of their strengths, over weighted pixels of many frames.
class Likeness {
 public:
  /// `now` and `then` are (3,h,w), and `weight` is (1,h,w).
  void add(const at::Tensor& now, const at::Tensor& then, const at::Tensor& weight);
  void add(const Likeness& other);
  double pixels() const { return pixels_; }
  std::optional<double> memory() const;  ///< the correlation; nullopt for no pixels
  std::optional<double> depth() const;   ///< the ratio of root mean squares

 private:
  double pixels_ = 0, now_ = 0, then_ = 0, now_now_ = 0, then_then_ = 0, now_then_ = 0;
};

/// Takes frames in order, on one thread. It keeps the last 24 frames, with 7 bytes a pixel.
class DistantMeter {
 public:
  explicit DistantMeter(const flow::FlowOptions& options) : estimator_(options) {}

  void begin_shot() { kept_.clear(); }
  /// `uncovered` is (1,H,W), or undefined if memory and depth are not wanted.
  void measure(const at::Tensor& output, const at::Tensor& reference, const at::Tensor& uncovered,
               FrameMeasure& into);
  const Likeness& whole() const { return whole_; }

 private:
  struct Kept {
    at::Tensor output, added;  ///< half precision; `added` only if memory and depth are wanted
    at::Tensor luma;
  };
  std::optional<double> compare(const Kept& then, const Kept& now, at::Tensor& open, Likeness& likeness);

  flow::FlowEstimator estimator_;
  std::deque<Kept> kept_;
  Likeness whole_;
};

}  // namespace dreamreel::study
