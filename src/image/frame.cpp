#include "dreamreel/image/frame.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/replication_pad2d.h>
#include <fmt/core.h>

#include <bit>
#include <cmath>
#include <sstream>
#include <stdexcept>

namespace dreamreel::image {
namespace {

constexpr float kLevels = 65535.0F;

std::string description(const at::Tensor& tensor) {
  std::ostringstream text;
  if (tensor.defined())
    text << tensor.scalar_type() << " " << tensor.sizes();
  else
    text << "an undefined tensor";
  return text.str();
}

void expect_same_shape(const at::Tensor& a, const at::Tensor& b) {
  expect_chw(a, "lerp: a");
  expect_chw(b, "lerp: b");
  if (a.sizes() != b.sizes())
    throw std::invalid_argument(
        fmt::format("lerp: a and b differ: {} and {}", description(a), description(b)));
}

// Rounds to the nearest level, and halves to the even level. Not-a-number becomes 0, so every float has a
// result. A number added to 2^23 has no room for a fraction, so it rounds, and its last bits are the level.
// The compiler can vectorise this, unlike a call to round.
std::uint16_t to_level(float value) {
  constexpr float kNoFraction = 8388608.0F;
  const float positive = value > 0.0F ? value : 0.0F;
  const float rounded = (positive < 1.0F ? positive : 1.0F) * kLevels + kNoFraction;
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(rounded));
}

std::vector<double> gaussian_weights(double sigma_px) {
  const int radius = static_cast<int>(std::ceil(3 * sigma_px));
  std::vector<double> weights;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    weights.push_back(std::exp(-0.5 * i * i / (sigma_px * sigma_px)));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

// Adds shifted copies instead of calling a convolution. So the bits do not depend on a convolution library,
// and CUDA does not reduce the precision (TF32).
at::Tensor weighted_shifts(const at::Tensor& padded, std::int64_t dim, const std::vector<double>& weights) {
  const std::int64_t length = padded.size(dim) - static_cast<std::int64_t>(weights.size()) + 1;
  at::Tensor sum = padded.narrow(dim, 0, length) * weights[0];
  for (std::size_t i = 1; i < weights.size(); ++i)
    sum.add_(padded.narrow(dim, static_cast<std::int64_t>(i), length), weights[i]);
  return sum;
}

}  // namespace

void expect_chw(const at::Tensor& tensor, const char* what) {
  const bool fits =
      tensor.defined() && tensor.scalar_type() == at::kFloat && tensor.dim() == 3 && tensor.numel() > 0;
  if (!fits)
    throw std::invalid_argument(
        fmt::format("{}: expected float32 (C,H,W), got {}", what, description(tensor)));
}

void expect_chw(const at::Tensor& tensor, std::int64_t channels, const char* what) {
  expect_chw(tensor, what);
  if (tensor.size(0) != channels)
    throw std::invalid_argument(
        fmt::format("{}: expected {} channels, got {}", what, channels, description(tensor)));
}

at::Tensor quantise16(const at::Tensor& frame) {
  expect_chw(frame, "quantise16");
  const at::NoGradGuard no_grad;
  return at::clamp(frame, 0, 1).mul_(kLevels).round_().div_(kLevels).contiguous();
}

std::vector<std::uint16_t> to_rgb48(const at::Tensor& frame) {
  expect_chw(frame, 3, "to_rgb48");
  const at::Tensor host = frame.detach().cpu().contiguous();
  const std::int64_t pixels = host.size(1) * host.size(2);
  const float* red = host.data_ptr<float>();
  const float* green = red + pixels;
  const float* blue = green + pixels;
  std::vector<std::uint16_t> rgb(static_cast<std::size_t>(3 * pixels));
  std::uint16_t* out = rgb.data();
  for (std::int64_t i = 0; i < pixels; ++i) {
    out[3 * i] = to_level(red[i]);
    out[3 * i + 1] = to_level(green[i]);
    out[3 * i + 2] = to_level(blue[i]);
  }
  return rgb;
}

at::Tensor from_rgb48(const std::uint16_t* rgb, std::int64_t height, std::int64_t width) {
  if (height <= 0 || width <= 0)
    throw std::invalid_argument(
        fmt::format("from_rgb48: expected a positive size, got {}x{}", width, height));
  at::Tensor frame = at::empty({3, height, width}, at::kFloat);
  const std::int64_t pixels = height * width;
  float* red = frame.data_ptr<float>();
  float* green = red + pixels;
  float* blue = green + pixels;
  for (std::int64_t i = 0; i < pixels; ++i) {
    red[i] = static_cast<float>(rgb[3 * i]) / kLevels;
    green[i] = static_cast<float>(rgb[3 * i + 1]) / kLevels;
    blue[i] = static_cast<float>(rgb[3 * i + 2]) / kLevels;
  }
  return frame;
}

at::Tensor noise_frame(std::int64_t height, std::int64_t width, const RandomKey& key, Purpose purpose,
                       double sigma) {
  if (height <= 0 || width <= 0)
    throw std::invalid_argument(
        fmt::format("noise_frame: expected a positive size, got {}x{}", width, height));
  at::Tensor frame = at::empty({3, height, width}, at::kFloat);
  fill_normal({frame.data_ptr<float>(), static_cast<std::size_t>(frame.numel())}, key, purpose);
  return frame.mul_(sigma).add_(0.5).clamp_(0, 1);
}

at::Tensor lerp(const at::Tensor& a, const at::Tensor& b, double weight) {
  expect_same_shape(a, b);
  const at::NoGradGuard no_grad;
  return at::lerp(a, b, weight);
}

at::Tensor lerp(const at::Tensor& a, const at::Tensor& b, const at::Tensor& weight) {
  expect_same_shape(a, b);
  expect_chw(weight, 1, "lerp: weight");
  const at::NoGradGuard no_grad;
  return at::lerp(a, b, weight);
}

at::Tensor luma(const at::Tensor& frame) {
  expect_chw(frame, 3, "luma");
  const at::NoGradGuard no_grad;
  at::Tensor sum = frame.narrow(0, 0, 1) * 0.2126;
  return sum.add_(frame.narrow(0, 1, 1), 0.7152).add_(frame.narrow(0, 2, 1), 0.0722);
}

at::Tensor gaussian_blur(const at::Tensor& tensor, double sigma_px) {
  expect_chw(tensor, "gaussian_blur");
  if (!(sigma_px >= 0))
    throw std::invalid_argument(fmt::format("gaussian_blur: expected sigma >= 0, got {}", sigma_px));
  const at::NoGradGuard no_grad;
  if (sigma_px == 0) return tensor.clone();
  const std::vector<double> weights = gaussian_weights(sigma_px);
  const auto radius = static_cast<std::int64_t>(weights.size() / 2);
  const at::Tensor padded = at::replication_pad2d(tensor, {radius, radius, radius, radius});
  return weighted_shifts(weighted_shifts(padded, 1, weights), 2, weights);
}

}  // namespace dreamreel::image
