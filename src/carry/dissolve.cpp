#include "dreamreel/carry/dissolve.h"

#include <ATen/TensorOperators.h>

#include <algorithm>

#include "dreamreel/image/frame.h"

namespace dreamreel::carry {
namespace {

constexpr double kMostGain = 1.5;  // two unrelated dreams of equal strength need the square root of 2

}  // namespace

at::Tensor dissolved(const at::Tensor& first, const at::Tensor& second, const at::Tensor& first_source,
                     const at::Tensor& second_source, double weight) {
  const auto base_of = [](const at::Tensor& picture, const at::Tensor& source) {
    return source.defined() ? source : picture.mean({1, 2}, /*keepdim=*/true);
  };
  const auto strength = [](const at::Tensor& detail) { return detail.square().mean().sqrt().item<double>(); };
  const at::Tensor first_base = base_of(first, first_source), second_base = base_of(second, second_source);
  const at::Tensor mixed = image::lerp(first - first_base, second - second_base, weight);
  const double wanted = (1 - weight) * strength(first - first_base) + weight * strength(second - second_base);
  const double found = strength(mixed);
  const double gain = found > 0 ? std::clamp(wanted / found, 1.0, kMostGain) : 1;
  return ((first_base * (1 - weight) + second_base * weight) + mixed * gain).clamp(0, 1);
}

}  // namespace dreamreel::carry
