#include "activity.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/angle.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/fft_irfft2.h>
#include <ATen/ops/fft_rfft2.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/polar.h>

#include <span>
#include <vector>

#include "dreamreel/core/random.h"

namespace dreamreel::study {

at::Tensor channel_responses(const at::Tensor& activation) {
  return activation.detach().to(at::kFloat).clamp_min(0).flatten(2).mean(2);
}

at::Tensor lifts(const at::Tensor& responses, const at::Tensor& baseline) {
  constexpr double kFloor = 0.1, kTiny = 1e-12;
  const auto floor = baseline.mean() * kFloor + kTiny;
  return responses / at::maximum(baseline, floor);
}

at::Tensor without_shapes(const at::Tensor& picture, std::int64_t number) {
  const auto height = picture.size(1), width = picture.size(2);
  // The phases of real noise, so that the result is real, too.
  auto noise = at::empty({height, width}, picture.options().device(at::kCPU));
  fill_uniform(std::span(noise.data_ptr<float>(), static_cast<std::size_t>(noise.numel())), {0, number, 0, 0},
               Purpose::fresh_noise);
  auto phases = at::angle(at::fft_rfft2(noise - noise.mean()));
  phases.select(0, 0).select(0, 0).zero_();  // keeps the mean colour
  const auto spectrum = at::fft_rfft2(picture.cpu(), c10::nullopt, {-2, -1});
  const std::vector<std::int64_t> sizes{height, width};
  const auto turned = spectrum * at::polar(at::ones_like(phases), phases);
  return at::fft_irfft2(turned, sizes, {-2, -1}).clamp(0, 1).to(picture.device());
}

}  // namespace dreamreel::study
