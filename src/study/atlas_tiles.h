// A batch of small pictures, made of Fourier coefficients in decorrelated colours. Each is climbed on its own
// with Adam. atlas.h names the sources.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "dreamreel/dream/adam.h"
#include "dreamreel/dream/fourier_code.h"

namespace dreamreel::study {

class AtlasTiles {
 public:
  /// `start`: (N,3,S,S) float32 in [0,1], on the device that does the work.
  explicit AtlasTiles(const at::Tensor& start);

  /// The current pictures, (N,3,S,S) float32 in (0,1).
  const at::Tensor& pictures() const { return pictures_; }

  /// Takes one step upwards. `gradient` is the gradient of each tile's objective with respect to pictures(),
  /// at any scale. A tile whose gradient is 0 everywhere stays as it is. `rate` says how far a coefficient
  /// moves; 0.05 is fast.
  void climb(const at::Tensor& gradient, double rate);

 private:
  const dream::FourierCode code_;
  at::Tensor spectrum_;  // (N,3,S,S/2+1)
  at::Tensor pictures_;
  dream::Adam adam_;
};

/// `count` pictures of coloured noise, (count,3,size,size), whose amplitude falls with frequency. Tile i
/// depends only on `seed` and first + i.
at::Tensor noise_tiles(std::int64_t count, std::int64_t size, std::uint64_t seed, std::int64_t first);

}  // namespace dreamreel::study
