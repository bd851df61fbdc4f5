#include "dreamreel/carry/carried_noise.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "dreamreel/footage/camera.h"
#include "dreamreel/footage/noise.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/image/warped_noise.h"
#include "dreamreel/schedule/feedback.h"

namespace dreamreel::carry {
namespace {

// The strand that begins last up to `frame`. Frames of a run-in have numbers below 0.
std::int64_t strand_of(std::int64_t frame) {
  const std::int64_t into = frame % kRenewedEvery;
  return (frame - (into < 0 ? into + kRenewedEvery : into)) / kRenewedEvery;
}

}  // namespace

CarriedNoise::CarriedNoise(const job::Job& job, const footage::Timeline& timeline, const schedule::Loop& loop,
                           const media::VideoInfo& info)
    : job_(job),
      is_wanted_(schedule::is_feedback(job) && job.temporal.noise.max() > 0 &&
                 job.temporal.noise_motion == job::Temporal::NoiseMotion::carried),
      timeline_(timeline),
      loop_(loop),
      cadence_(job.temporal.every, loop),
      frame_size_{info.height, info.width},
      size_(footage::size_of_noise(job, frame_size_)),
      frames_per_second_(info.frame_rate.value()) {}

at::Tensor CarriedNoise::at(const schedule::Piece& piece, std::int64_t frame) {
  const std::int64_t number = strand_of(frame), begins = number * kRenewedEvery;
  const at::Tensor& young = strand_at(number, piece, frame);
  const std::int64_t into = frame - begins;
  if (into >= kRenewedOver || piece.start >= begins) return young;
  const at::Tensor& old = strand_at(number - 1, piece, frame);
  const double angle = std::numbers::pi / 2 * static_cast<double>(into + 1) / (kRenewedOver + 1);
  return old * std::cos(angle) + young * std::sin(angle);
}

CarriedNoise::Grain CarriedNoise::grain(const schedule::Piece& piece, std::int64_t frame, std::int64_t back) {
  if (!is_wanted_) return {};
  Grain grain;
  if (back > 0) grain.before = scaled(piece, frame - back);
  grain.now = scaled(piece, frame);
  return grain;
}

at::Tensor CarriedNoise::scaled(const schedule::Piece& piece, std::int64_t frame) {
  const double sigma = job_.temporal.noise.at(time_of(frame));
  if (sigma <= 0) return {};
  const at::Tensor noise = at(piece, frame) * sigma;
  return size_ == frame_size_ ? noise : image::resize(noise, frame_size_);
}

curve::CurveTime CarriedNoise::time_of(std::int64_t frame) const {
  return timeline_.at(frame, static_cast<double>(frame) / frames_per_second_);
}

const at::Tensor& CarriedNoise::strand_at(std::int64_t number, const schedule::Piece& piece,
                                          std::int64_t frame) {
  Strand& strand = strands_[number % 2 == 0 ? 0 : 1];
  const bool goes_on =
      strand.noise.defined() && strand.number == number && strand.piece == piece && strand.frame <= frame;
  if (!goes_on) {
    strand.number = number;
    strand.piece = piece;
    begin(strand);
  }
  while (strand.frame < frame) step(strand);
  return strand.noise;
}

void CarriedNoise::begin(Strand& strand) const {
  const std::int64_t first = std::max(strand.number * kRenewedEvery, strand.piece.start);
  strand.frame = next_dreamed(strand.piece, first - 1);
  strand.noise = image::white_noise(3, size_.height, size_.width, key_of(strand), Purpose::carried_noise);
}

// Moves the noise to the next dreamed frame, as the camera moves the picture.
void CarriedNoise::step(Strand& strand) const {
  const std::int64_t from = std::exchange(strand.frame, next_dreamed(strand.piece, strand.frame));
  const auto frames = static_cast<double>(strand.frame - from);
  const auto camera =
      footage::camera_step(job_.camera, time_of(strand.frame), frames / frames_per_second_, frames);
  if (camera.is_identity()) return;
  const at::Tensor positions = image::positions(size_, camera, {}, at::kCPU);
  strand.noise = image::warped_noise(strand.noise, positions, key_of(strand), Purpose::warped_noise);
}

std::int64_t CarriedNoise::next_dreamed(const schedule::Piece& piece, std::int64_t frame) const {
  do ++frame;
  while (!cadence_.is_dreamed(piece, frame));
  return frame;
}

// The strands of one frame draw different numbers.
RandomKey CarriedNoise::key_of(const Strand& strand) const {
  const bool is_odd = strand.number % 2 != 0;
  return {job_.seed, loop_.on_time_line(strand.frame), 0, is_odd ? 1 : 0};
}

}  // namespace dreamreel::carry
