// Dense optical flow between source frames, its reliability, and cuts. Stands between the Reader and the
// carry; knows nothing of dreams. Works on the CPU: frames from elsewhere are copied, and results stay on the
// CPU. Tensors follow image/frame.h; wrong shapes throw std::invalid_argument. Every object here is used by
// one thread at a time. OpenCV does the work. It is kept on one thread in the whole process, so that it does
// not compete with the ascent beside it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "dreamreel/core/choices.h"

namespace dreamreel::flow {

using Method = FlowMethod;
/// DIS presets of OpenCV, faster to finer.
enum class Quality { ultrafast, fast, medium };

struct FlowOptions {
  Method method = Method::dis;
  Quality quality = Quality::medium;  ///< used by Method::dis
};

/// Frames with a shorter side below this have no flow to speak of: it is taken as zero.
constexpr std::int64_t kSmallestSide = 16;

/// The flow in both directions. Each direction is computed on its own, never by negating the other.
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

  /// Frames float32 (3,H,W) [0,1], same size. Method::none and frames under kSmallestSide give zero flow.
  /// Depends on the two frames alone, never on what was computed before.
  FlowPair compute(const at::Tensor& previous, const at::Tensor& current);
  /// The same of 8-bit luma, (1,H,W) on the CPU.
  FlowPair compute_levels(const at::Tensor& previous, const at::Tensor& current);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The flow from the first frame of `first` to the second one of `second`, by way of the frame that both
/// share: at p it is s(p) + f(p + s(p)), the further field read bilinearly, its edge repeated outside the
/// frame.
FlowPair composed(const FlowPair& first, const FlowPair& second);

/// Where a flow cannot be trusted, and why: three maps (1,H,W) of 0 and 1, of which at most one is 1 at a
/// pixel. Not trusted is a pixel p where the two flows disagree, |b + f(p+b)|^2 > 0.01 (|b|^2 + |f|^2) +
/// 0.5, where p+b leaves the frame, or on a motion boundary, |grad b|^2 > 0.01 |b|^2 + 0.002. b =
/// prev_from_cur at p, f = cur_from_prev read bilinearly at p+b, gradients by central differences.
/// (Sundaram, Brox, Keutzer 2010; Ruder, Dosovitskiy, Brox 2016.)
struct Distrust {
  at::Tensor outside;    ///< p+b leaves the frame
  at::Tensor uncovered;  ///< else: no pixel of the previous frame lands at p along cur_from_prev
  at::Tensor edge;       ///< else
};
Distrust distrust(const FlowPair& flow);

/// How much each of the maps counts, 0 to 1.
struct DistrustWeights {
  double outside = 1, uncovered = 1, edge = 1;
};

/// M_t in [0,1], (1,H,W): 1 less the three maps by their weights, softened with a Gaussian of `soften_px`,
/// which reaches 3 soften_px across the boundary.
at::Tensor reliability(const Distrust& distrust, double soften_px = 1.0, const DistrustWeights& weights = {});
at::Tensor reliability(const FlowPair& flow, double soften_px = 1.0);

/// Tells hard cuts from motion, flashes and fades, by the frames alone. A frame without structure (a white
/// flash, a black gap) is no cut. The first frame with structure after it is compared with the last such
/// frame before it. So a flash does not break a shot, and a cut through black is found. Up to kMostInserted
/// frames of another kind (inverted, a strobe, a foreign picture) are no cuts either, if the same shot
/// continues behind them. So a verdict may need that many further frames. Fades and dissolves are not
/// reported.
class CutDetector {
 public:
  static constexpr int kMostInserted = 4;  ///< frames

  CutDetector();
  ~CutDetector();
  CutDetector(CutDetector&&) noexcept;
  CutDetector& operator=(CutDetector&&) noexcept;

  /// Takes every frame in order, of any size.
  void add(const at::Tensor& frame);
  /// Call when no more frames come. Then every verdict is ready.
  void finish();
  /// The next verdict, in the order of the frames: whether the frame begins a new shot. The first frame never
  /// does. nullopt: the verdict is not known yet, or all verdicts have been returned.
  std::optional<bool> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::flow
