#include "noise.h"

#include <ATen/TensorOperators.h>

#include <cmath>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/scaled_noise.h"
#include "dreamreel/render/resolve.h"

namespace dreamreel::render {
namespace {

// The size of the final render's frames.
image::Size final_size(const job::Job& job, const image::Size& size) {
  const auto full = [&](std::int64_t side) {
    return std::llround(static_cast<double>(side) * job.dream.draft);
  };
  return {full(size.height), full(size.width)};
}

at::Tensor scaled_down(const at::Tensor& noise, const image::Size& size) {
  return image::resize(noise, size).clamp_(0, 1);
}

}  // namespace

at::Tensor noise_for(const job::Job& job, const image::Size& size, const RandomKey& key, Purpose purpose,
                     double sigma) {
  if (draws_scaled_noise(job)) return image::scaled_noise_frame(size.height, size.width, key, purpose, sigma);
  if (job.dream.draft == 1) return image::noise_frame(size.height, size.width, key, purpose, sigma);
  const auto [height, width] = final_size(job, size);
  return scaled_down(image::noise_frame(height, width, key, purpose, sigma), size);
}

at::Tensor start_noise(const job::Job& job, const image::Size& size, const RandomKey& key) {
  constexpr double kSigma = 0.1;
  constexpr auto kPurpose = Purpose::start_noise;
  if (job.dream.parameterization == job::Parameterization::pixels)
    return noise_for(job, size, key, kPurpose, kSigma);
  if (draws_scaled_noise(job)) return dream::scaled_fourier_noise(size.height, size.width, key, kPurpose);
  if (job.dream.draft == 1) return dream::fourier_noise(size.height, size.width, key, kPurpose);
  const auto [height, width] = final_size(job, size);
  return scaled_down(dream::fourier_noise(height, width, key, kPurpose), size);
}

}  // namespace dreamreel::render
