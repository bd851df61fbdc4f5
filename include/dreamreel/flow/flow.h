// Dense optical flow between source frames, how far it can be trusted, and cuts. Works on the CPU; tensors in
// the conventions of image/frame.h. Every class here is used by one thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string_view>

namespace dreamreel::flow {

enum class Method { none, dis, farneback };
/// DIS presets of OpenCV, faster to finer.
enum class Quality { ultrafast, fast, medium };

struct FlowOptions {
  Method method = Method::dis;
  Quality quality = Quality::medium;
};

/// Both directions, true flows each computed on its own (never one negated).
struct FlowPair {
  at::Tensor prev_from_cur;  ///< (2,H,W) float32 px: p in the current frame came from p + flow(p) in the
                             ///< previous one
  at::Tensor
      cur_from_prev;  ///< (2,H,W) float32 px: p in the previous frame went to p + flow(p) in the current one
};

class FlowEstimator {
 public:
  explicit FlowEstimator(const FlowOptions& options);
  ~FlowEstimator();
  FlowEstimator(FlowEstimator&&) noexcept;
  FlowEstimator& operator=(FlowEstimator&&) noexcept;

  /// Frames float32 (3,H,W) [0,1], same size. Method::none gives zero flow.
  FlowPair compute(const at::Tensor& previous, const at::Tensor& current);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// M_t in [0,1], (1,H,W): 0 where the two flows disagree, |b + f(p+b)|^2 > 0.01 (|b|^2 + |f|^2) + 0.5, where
/// p+b leaves the frame, or on a motion boundary, |grad b|^2 > 0.01 |b|^2 + 0.002; then softened with a
/// Gaussian of `soften_px`. (Sundaram, Brox, Keutzer 2010; Ruder, Dosovitskiy, Brox 2016.)
at::Tensor reliability(const FlowPair& flow, double soften_px = 1.0);

/// Tells hard cuts from motion, flashes and fades, from the frames alone.
class CutDetector {
 public:
  CutDetector();
  ~CutDetector();
  /// True if `current` begins a new shot. Feed every frame in order; the first frame never is a cut.
  bool is_cut(const at::Tensor& current);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::flow
