#include "dreamreel/image/colour.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/image/frame.h"

namespace dreamreel::image {
namespace {

// IEC 61966-2-1 (sRGB), and CIE 15 for L*a*b*.
constexpr std::array<std::array<double, 3>, 3> kXyzFromLinear{{{0.4123908, 0.3575843, 0.1804808},
                                                               {0.2126390, 0.7151687, 0.0721923},
                                                               {0.0193308, 0.1191948, 0.9505322}}};
constexpr std::array<double, 3> kWhite{0.9504559, 1.0, 1.0890578};
constexpr double kEpsilon = 216.0 / 24389, kKappa = 24389.0 / 27;

at::Tensor as_tensor(const std::array<std::array<double, 3>, 3>& matrix) {
  at::Tensor result = at::empty({3, 3}, at::kDouble);
  for (std::int64_t row = 0; row < 3; ++row)
    for (std::int64_t column = 0; column < 3; ++column)
      result[row][column] = matrix[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
  return result;
}

// Applies `matrix`, (3,3) float64 on the CPU, to the three channels of every pixel.
at::Tensor transformed(const at::Tensor& matrix, const at::Tensor& picture) {
  const auto sizes = picture.sizes();
  return at::mm(matrix.to(picture.device(), at::kFloat), picture.reshape({3, -1})).reshape(sizes);
}

at::Tensor white_point(const at::Tensor& like) {
  return at::tensor({kWhite[0], kWhite[1], kWhite[2]}, like.options()).view({3, 1, 1});
}

at::Tensor linear_from_encoded(const at::Tensor& encoded) {
  const at::Tensor x = encoded.clamp(0, 1);
  return at::where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055).pow(2.4));
}

at::Tensor encoded_from_linear(const at::Tensor& linear) {
  const at::Tensor x = linear.clamp(0, 1);
  return at::where(x <= 0.0031308, x * 12.92, 1.055 * x.pow(1 / 2.4) - 0.055);
}

// The square root of a symmetric, positive (semi)definite matrix, and the inverse of that root. A floor under
// the eigenvalues gives even a picture of a single colour an inverse.
struct Roots {
  at::Tensor root, inverse;
};

Roots roots_of(const at::Tensor& matrix) {
  constexpr double kFloor = 1e-4;  // squared L*a*b* units: far too small to be seen
  const auto [values, vectors] = at::linalg_eigh(matrix);
  const at::Tensor root = values.clamp_min(kFloor).sqrt();
  return {vectors.mm(at::diag(root)).mm(vectors.t()), vectors.mm(at::diag(1 / root)).mm(vectors.t())};
}

double root_mean_square(const at::Tensor& values) {
  return std::sqrt(values.square().mean().item<double>());
}

}  // namespace

at::Tensor lab_from_rgb(const at::Tensor& frame) {
  expect_chw(frame, 3, "lab_from_rgb");
  const at::NoGradGuard no_grad;
  const at::Tensor xyz =
      transformed(as_tensor(kXyzFromLinear), linear_from_encoded(frame)) / white_point(frame);
  const at::Tensor f = at::where(xyz > kEpsilon, xyz.pow(1.0 / 3), (xyz * kKappa + 16) / 116);
  return at::stack({116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])});
}

at::Tensor rgb_from_lab(const at::Tensor& lab) {
  expect_chw(lab, 3, "rgb_from_lab");
  const at::NoGradGuard no_grad;
  const at::Tensor y = (lab[0] + 16) / 116;
  const at::Tensor f = at::stack({y + lab[1] / 500, y, y - lab[2] / 200});
  const at::Tensor cubed = f.pow(3);
  const at::Tensor xyz = at::where(cubed > kEpsilon, cubed, (116 * f - 16) / kKappa) * white_point(lab);
  return encoded_from_linear(transformed(at::linalg_inv(as_tensor(kXyzFromLinear)), xyz));
}

LabStatistics lab_statistics(const at::Tensor& frame) {
  const at::Tensor lab = lab_from_rgb(frame).reshape({3, -1}).to(at::kDouble);
  const at::Tensor mean = lab.mean(1, /*keepdim=*/true);
  const at::Tensor centred = lab - mean;
  const at::Tensor covariance = (centred.mm(centred.t()) / static_cast<double>(lab.size(1))).cpu();
  const at::Tensor mean_on_cpu = mean.cpu();
  LabStatistics result;
  for (std::int64_t row = 0; row < 3; ++row) {
    result.mean[static_cast<std::size_t>(row)] = mean_on_cpu[row][0].item<double>();
    for (std::int64_t column = 0; column < 3; ++column)
      result.covariance[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] =
          covariance[row][column].item<double>();
  }
  return result;
}

at::Tensor match_lab(const at::Tensor& frame, const LabStatistics& target, double strength) {
  if (strength == 0) return frame;
  const at::NoGradGuard no_grad;
  const LabStatistics own = lab_statistics(frame);
  const Roots roots = roots_of(as_tensor(own.covariance));
  const at::Tensor between = roots.root.mm(as_tensor(target.covariance)).mm(roots.root);
  const at::Tensor map = roots.inverse.mm(roots_of(between).root).mm(roots.inverse);
  const auto mean = [&](const LabStatistics& of) {
    return at::tensor({of.mean[0], of.mean[1], of.mean[2]}, frame.options()).view({3, 1, 1});
  };
  const at::Tensor lab = lab_from_rgb(frame);
  const at::Tensor matched = transformed(map, lab - mean(own)) + mean(target);
  return rgb_from_lab(lab + (matched - lab) * strength);
}

at::Tensor with_chroma_of(const at::Tensor& frame, const at::Tensor& other) {
  const at::NoGradGuard no_grad;
  const at::Tensor lightness = lab_from_rgb(frame), colours = lab_from_rgb(other);
  return rgb_from_lab(at::stack({lightness[0], colours[1], colours[2]}));
}

at::Tensor limit_colours(const at::Tensor& frame, double most_contrast, double most_saturation) {
  if (std::isinf(most_contrast) && std::isinf(most_saturation)) return frame;
  const at::NoGradGuard no_grad;
  const at::Tensor lab = lab_from_rgb(frame);
  const at::Tensor mean = lab[0].mean();
  const double contrast = root_mean_square(lab[0] - mean);
  const double saturation = std::sqrt(2.0) * root_mean_square(lab.narrow(0, 1, 2));
  if (contrast <= most_contrast && saturation <= most_saturation) return frame;
  const double tone = contrast > most_contrast ? most_contrast / contrast : 1;
  const double colour = saturation > most_saturation ? most_saturation / saturation : 1;
  return rgb_from_lab(at::stack({mean + (lab[0] - mean) * tone, lab[1] * colour, lab[2] * colour}));
}

}  // namespace dreamreel::image
