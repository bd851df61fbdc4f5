// A batch of small pictures, made of Fourier coefficients in decorrelated colours. Each is climbed on its own
// with Adam. atlas.h names the sources.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace dreamreel::study {

class Tiles {
 public:
  /// `start`: (N,3,S,S) float32 in [0,1], on the device that does the work.
  explicit Tiles(const at::Tensor& start);

  /// The current pictures, (N,3,S,S) float32 in (0,1), without autograd.
  const at::Tensor& pictures() const { return detached_; }

  /// Takes one step upwards. `gradient` is the gradient of each tile's objective with respect to pictures(),
  /// at any scale. A tile whose gradient is 0 everywhere stays as it is. `rate` says how far a coefficient
  /// moves; 0.05 is fast.
  void climb(const at::Tensor& gradient, double rate);

 private:
  void render();

  std::int64_t side_ = 0;
  int steps_ = 0;
  at::Tensor weight_;    // (S,S/2+1,1): higher frequencies count less, as in photographs
  at::Tensor spectrum_;  // (N,3,S,S/2+1,2)
  at::Tensor rendered_;  // the pictures, with autograd back to spectrum_
  at::Tensor detached_;
  at::Tensor average_, square_;  // Adam's moments
};

/// `count` pictures of coloured noise, (count,3,size,size), whose amplitude falls with frequency. Tile i
/// depends only on `seed` and first + i.
at::Tensor noise_tiles(std::int64_t count, std::int64_t size, std::uint64_t seed, std::int64_t first);

}  // namespace dreamreel::study
