// Describes the colours of a whole picture in CIE L*a*b*, and moves them towards another picture's colours.
// The rules of frame.h hold. sRGB's transfer and primaries are assumed, which is exact enough to match an
// impression.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>

namespace dreamreel::image {

/// Converts R'G'B' to CIE 1976 L*a*b* (D65; L 0..100, a and b about -110..110), (3,H,W) float32; and back,
/// clamped to [0,1].
at::Tensor lab_from_rgb(const at::Tensor& frame);
at::Tensor rgb_from_lab(const at::Tensor& lab);

/// Mean and covariance of the L, a and b of all pixels.
struct LabStatistics {
  std::array<double, 3> mean{};
  std::array<std::array<double, 3>, 3> covariance{};
};
LabStatistics lab_statistics(const at::Tensor& frame);

/// The frame with the mean and covariance of `target`. It applies the linear map of least movement between
/// two Gaussians (Monge-Kantorovich; Pitie and Kokaram 2007, after Reinhard 2001). A `strength` of 0 copies,
/// 1 matches.
at::Tensor match_lab(const at::Tensor& frame, const LabStatistics& target, double strength);

/// The lightness of `frame` with the colours of `other`, which has the same size.
at::Tensor with_chroma_of(const at::Tensor& frame, const at::Tensor& other);

/// Reduces contrast and saturation that exceed a limit: moves lightness evenly towards its mean, and colours
/// towards grey. Contrast is the standard deviation of L. Saturation is the root mean square of the distance
/// from grey in (a,b). Infinity sets no limit. A picture within both limits is returned unchanged.
at::Tensor limit_colours(const at::Tensor& frame, double most_contrast, double most_saturation);

}  // namespace dreamreel::image
