// Pictures as Fourier coefficients in decorrelated colours: the variables of Parameterization::fourier and of
// the tiles of an atlas. A step along a coefficient changes a whole wave, and colours that go together.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "dreamreel/core/random.h"

namespace dreamreel::dream {

/// How coefficients become a picture. The defaults are lucid's.
struct FourierOptions {
  double falloff = 1;           ///< a wave of f periods a pixel is scaled by f^-falloff
  double flat_periods = 1;      ///< waves of fewer periods on the longer side are scaled as one of so many
  bool has_unit_power = false;  ///< the scales are divided by their root mean square
  double damping = 4;           ///< divides the logits, which keeps the sigmoid away from its flat ends
  double edge = 1e-3;           ///< how near to 0 and 1 a picture that is encoded may come
  /// (3,3): columns are colour directions, rows red, green and blue. Undefined: the square root of the
  /// covariance of colours in ImageNet, divided by the length of its longest column.
  at::Tensor colours{};
};

/// Converts pictures to their spectrum z, complex64 (...,3,H,W/2+1), and back. Also converts the gradient. A
/// sigmoid never reaches 0 and 1, so encode() presses a picture into [edge, 1 - edge]. Pictures are
/// (...,3,H,W) float32 on the code's device. Immutable.
class FourierCode {
 public:
  FourierCode(std::int64_t height, std::int64_t width, const at::Device& device,
              const FourierOptions& options = {});
  at::Tensor encode(const at::Tensor& picture) const;
  at::Tensor decode(const at::Tensor& spectrum) const;
  /// The gradient to z, from the gradient to the picture. `picture` is the result of decode().
  at::Tensor pull_back(const at::Tensor& gradient, const at::Tensor& picture) const;
  /// By what z is multiplied: (H,W/2+1).
  at::Tensor scale() const { return scale_; }

 private:
  std::int64_t height_, width_;
  double damping_, edge_;
  at::Tensor scale_, colours_, inverse_colours_, multiplicity_;
};

/// A start picture for Parameterization::fourier, for which white noise would be nearly all fine grain, and
/// for spectrum, which needs its phases. z is normal with a standard deviation of 0.01, as in lucid. (3,H,W)
/// float32 in [0,1] on the CPU, almost grey.
at::Tensor fourier_noise(std::int64_t height, std::int64_t width, const RandomKey& key, Purpose purpose);
/// The same, drawn wave by wave from the longest on. So a smaller frame shows the larger one's picture
/// without its finest waves.
at::Tensor scaled_fourier_noise(std::int64_t height, std::int64_t width, const RandomKey& key,
                                Purpose purpose);

}  // namespace dreamreel::dream
