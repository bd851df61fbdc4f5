#include "shaping.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "dreamreel/image/frame.h"
#include "pyramid_steps.h"

namespace dreamreel::dream {
namespace {

constexpr double kSmallestRms = 1e-10;
constexpr std::int64_t kGrainPixels = 16384;  // the least pixels for a thread

// The kernel 1-4-6-4-1 in both directions, one for each channel: (3,1,5,5).
at::Tensor pyramid_kernel(const at::TensorOptions& options) {
  const at::Tensor line = at::tensor(at::ArrayRef<float>(kPyramidLine), at::kDouble);
  return at::outer(line, line).view({1, 1, 5, 5}).expand({3, 1, 5, 5}).contiguous().to(options);
}

bool has_own_steps(const at::Tensor& picture) {
  return picture.is_cpu() && picture.scalar_type() == at::kFloat;
}

at::Tensor halved(const at::Tensor& picture, const at::Tensor& kernel) {
  if (has_own_steps(picture)) return halved_on_cpu(picture);
  return at::conv2d(picture, kernel, {}, {2, 2}, {2, 2}, {1, 1}, 3);
}

at::Tensor doubled(const at::Tensor& picture, const at::Tensor& kernel, at::IntArrayRef size) {
  if (has_own_steps(picture)) return doubled_on_cpu(picture, size[2], size[3]);
  const auto odd = [&](std::int64_t dim) { return (size[static_cast<std::size_t>(dim)] + 1) % 2; };
  return at::conv_transpose2d(picture, kernel * 4, {}, {2, 2}, {2, 2}, {odd(2), odd(3)}, 3);
}

at::Tensor normalised(const at::Tensor& band) {
  return band / std::max(band.square().mean().sqrt().item<double>(), kSmallestRms);
}

// Multiplies the channels of a picture by a (3,3) matrix, in one pass. A general matrix product takes several
// times as long with so small a matrix.
at::Tensor recoloured_on_cpu(const at::Tensor& picture, const at::Tensor& matrix) {
  const at::Tensor source = picture.contiguous(), weights = matrix.contiguous();
  at::Tensor result = at::empty_like(source);
  const std::int64_t plane = source.size(1) * source.size(2);
  const float* const red = source.data_ptr<float>();
  const float *const green = red + plane, *const blue = green + plane;
  at::parallel_for(0, plane, kGrainPixels, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t channel = 0; channel < 3; ++channel) {
      const float* const weight = weights.data_ptr<float>() + 3 * channel;
      const float of_red = weight[0], of_green = weight[1], of_blue = weight[2];
      float* const sum = result.data_ptr<float>() + channel * plane;
      for (std::int64_t i = begin; i < end; ++i)
        sum[i] = of_red * red[i] + of_green * green[i] + of_blue * blue[i];
    }
  });
  return result;
}

// The gradient g blended with M M^T g.
at::Tensor decorrelated(const at::Tensor& gradient, double share) {
  const at::Tensor root = colour_directions();
  const at::Tensor matrix = at::lerp(at::eye(3, root.options()), at::matmul(root, root.t()), share);
  if (has_own_steps(gradient)) return recoloured_on_cpu(gradient, matrix);
  return at::matmul(matrix.to(gradient.options()), gradient.reshape({3, -1})).view_as(gradient);
}

}  // namespace

at::Tensor laplacian_normalised(const at::Tensor& gradient, int bands) {
  const at::Tensor kernel = pyramid_kernel(gradient.options());
  std::vector<at::Tensor> details;
  at::Tensor rest = gradient.unsqueeze(0);
  for (int band = 1; band < bands && std::min(rest.size(2), rest.size(3)) >= 2; ++band) {
    const at::Tensor smaller = halved(rest, kernel);
    details.push_back(rest - doubled(smaller, kernel, rest.sizes()));
    rest = smaller;
  }
  at::Tensor sum = normalised(rest);
  for (auto detail = details.rbegin(); detail != details.rend(); ++detail)
    sum = doubled(sum, kernel, detail->sizes()) + normalised(*detail);
  return sum.squeeze(0);
}

at::Tensor smoothed(const at::Tensor& gradient, double sigma_px) {
  at::Tensor sum = image::gaussian_blur(gradient, sigma_px / 2);
  sum.add_(image::gaussian_blur(gradient, sigma_px));
  sum.add_(image::gaussian_blur(gradient, sigma_px * 2));
  return sum.div_(3);
}

// The principal directions of ImageNet's colours (lightness, blue to yellow, green to magenta). The numbers
// are lucid's, divided by the largest column's length.
at::Tensor colour_directions() {
  const at::Tensor root =
      at::tensor({0.26, 0.09, 0.02, 0.27, 0.00, -0.05, 0.27, -0.09, 0.03}, at::kDouble).view({3, 3});
  return (root / root.square().sum(0).sqrt().max()).to(at::kFloat);
}

at::Tensor shaped(at::Tensor gradient, const Shaping& shaping) {
  if (shaping.laplacian > 0) gradient = laplacian_normalised(gradient, shaping.laplacian);
  if (shaping.smooth > 0) gradient = smoothed(gradient, shaping.smooth);
  if (shaping.decorrelate > 0) gradient = decorrelated(gradient, shaping.decorrelate);
  return gradient;
}

}  // namespace dreamreel::dream
