// A batch of small pictures, made of Fourier coefficients in decorrelated colours and climbed with Adam, each on its own.
// See atlas.h for where this comes from.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace dreamreel::study {

class Tiles {
 public:
  /// `start`: (N,3,S,S) float32 [0,1], on the device that does the work.
  explicit Tiles(const at::Tensor& start);

  /// The pictures as they are now, (N,3,S,S) float32 in (0,1); no gradient behind them.
  const at::Tensor& pictures() const { return detached_; }

  /// One step up: `gradient` of each tile's objective with respect to pictures(), of any scale; a tile whose gradient is
  /// 0 everywhere stays as it is. `rate`: how far a coefficient moves, 0.05 is brisk.
  void climb(const at::Tensor& gradient, double rate);

 private:
  void render();

  std::int64_t side_ = 0;
  int steps_ = 0;
  at::Tensor weight_;    // (S,S/2+1,1): coefficients count less the higher their frequency, as in pictures
  at::Tensor spectrum_;  // (N,3,S,S/2+1,2)
  at::Tensor rendered_;  // the pictures, with the graph back to spectrum_
  at::Tensor detached_;
  at::Tensor average_, square_;  // Adam's moments
};

/// `count` pictures of coloured noise whose amplitude falls with frequency, (count,3,size,size), like nothing in
/// particular; tile i depends on `seed` and first + i alone.
at::Tensor noise_tiles(std::int64_t count, std::int64_t size, std::uint64_t seed, std::int64_t first);

}  // namespace dreamreel::study
