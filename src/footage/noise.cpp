#include "dreamreel/footage/noise.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/dream/fourier_code.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/scaled_noise.h"

namespace dreamreel::footage {

bool draws_scaled_noise(const job::Job& job, const curve::CurveTime& time) {
  return job.dream.motif.at(time) > 0;
}

// Noise goes by the motif of its own frame. So a scene has the same noise whatever the other scenes are.
image::Border border_at(const job::Job& job, const curve::CurveTime& time) {
  const bool is_scaled = job.camera.border == Border::noise && draws_scaled_noise(job, time);
  return is_scaled ? Border::scaled_noise : job.camera.border;
}

// A frame larger than any job may have is no final render's.
image::Size size_of_noise(const job::Job& job, const image::Size& size) {
  constexpr double kLargest = 16384;
  if (static_cast<double>(std::max(size.height, size.width)) * job.dream.draft > kLargest + 1) return size;
  const auto full = [&](std::int64_t side) {
    return std::llround(static_cast<double>(side) * job.dream.draft);
  };
  return {full(size.height), full(size.width)};
}

Outside outside_of(const job::Job& job, const curve::CurveTime& time, const image::Size& size) {
  return {border_at(job, time), size_of_noise(job, size)};
}

namespace {

// Sound, beats and series are read later than the first picture. schedule/recipe.cpp keeps account of motifs
// that need them.
bool starts_scaled(const job::Job& job, std::int64_t frame) {
  const auto& motif = job.dream.motif;
  if (motif.counts_beats() || !motif.expressions().empty()) return motif.max() > 0;
  const double fps = job.input.noise ? job.input.noise->fps.value() : curve::CurveTime().frames_per_second;
  const auto number = static_cast<double>(frame);
  return draws_scaled_noise(job, {number / fps, fps, number});
}

at::Tensor scaled_down(const at::Tensor& noise, const image::Size& size) {
  if (noise.size(1) == size.height && noise.size(2) == size.width) return noise;
  return image::resize(noise, size).clamp_(0, 1);
}

at::Tensor white(const job::Job& job, const image::Size& size, const RandomKey& key, Purpose purpose,
                 double sigma) {
  const auto [height, width] = size_of_noise(job, size);
  return scaled_down(image::noise_frame(height, width, key, purpose, sigma), size);
}

}  // namespace

at::Tensor noise_for(const job::Job& job, const curve::CurveTime& time, const image::Size& size,
                     const RandomKey& key, Purpose purpose, double sigma) {
  return draws_scaled_noise(job, time)
             ? image::scaled_noise_frame(size.height, size.width, key, purpose, sigma)
             : white(job, size, key, purpose, sigma);
}

at::Tensor start_noise(const job::Job& job, const image::Size& size, const RandomKey& key) {
  constexpr double kSigma = 0.1;
  constexpr auto kPurpose = Purpose::start_noise;
  const bool is_scaled = starts_scaled(job, key.frame);
  if (job.dream.parameterization == job::Parameterization::pixels)
    return is_scaled ? image::scaled_noise_frame(size.height, size.width, key, kPurpose, kSigma)
                     : white(job, size, key, kPurpose, kSigma);
  if (is_scaled) return dream::scaled_fourier_noise(size.height, size.width, key, kPurpose);
  const auto [height, width] = size_of_noise(job, size);
  return scaled_down(dream::fourier_noise(height, width, key, kPurpose), size);
}

}  // namespace dreamreel::footage
