// Finds the cuts of a clip. Rules of flow.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

namespace dreamreel::flow {

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
