// The noise of a dream that feeds on itself, where it moves with the picture (temporal.noise_motion:
// carried).
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>

#include "dreamreel/core/random.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/schedule/cadence.h"

namespace dreamreel::carry {

/// Frames after which carried noise is drawn anew, and over which the new noise replaces the old one. So the
/// noise of a frame depends on at most kRenewedEvery + kRenewedOver frames, wherever a render goes on.
constexpr std::int64_t kRenewedEvery = 96, kRenewedOver = 32;

/// Standard normal noise for the dreamed frames of a piece, without correlation within a frame. From frame to
/// frame it moves as the camera moves the picture (image/warped_noise.h). It depends on job, piece and frame
/// alone, never on the frames that were asked for before; frames in rising order are quickest. One thread.
///
/// Two strands of noise make this possible. Strand n begins at frame n kRenewedEvery, or at the first frame
/// of the piece, and is carried from there. In its first kRenewedOver frames, it replaces strand n - 1. The
/// two are independent, so they are weighted with cosine and sine, which keeps the variance at 1.
///
/// The picture holds exactly one such noise: the dream loses the noise of the last frame before the camera
/// moves it, and gets the noise of its own frame. Added up over the frames, it would outgrow the dream.
class CarriedNoise {
 public:
  /// The noise in the last dream and the noise of this frame, as they are added to pictures: (3,H,W), CPU.
  /// Undefined: none.
  struct Grain {
    at::Tensor before, now;
  };

  /// All references must outlive the object.
  CarriedNoise(const job::Job& job, const footage::Timeline& timeline, const schedule::Loop& loop,
               const media::VideoInfo& info);

  /// The noise of a frame that is dreamed: (3,H,W) float32, CPU. For a draft, it has the size of the final
  /// render's frames.
  at::Tensor at(const schedule::Piece& piece, std::int64_t frame);
  /// The noise of a frame, as strong as temporal.noise says. A draft has the final render's noise, scaled
  /// down. `back` is the number of frames since the last
  /// dreamed frame, 0 if the dream begins here. Nothing if the job carries no noise.
  Grain grain(const schedule::Piece& piece, std::int64_t frame, std::int64_t back);

 private:
  at::Tensor scaled(const schedule::Piece& piece, std::int64_t frame);
  struct Strand {
    std::int64_t number = 0, frame = 0;
    schedule::Piece piece;
    at::Tensor noise;  // undefined before the first use
  };
  const at::Tensor& strand_at(std::int64_t number, const schedule::Piece& piece, std::int64_t frame);
  void begin(Strand& strand) const;
  void step(Strand& strand) const;
  curve::CurveTime time_of(std::int64_t frame) const;
  std::int64_t next_dreamed(const schedule::Piece& piece, std::int64_t frame) const;
  RandomKey key_of(const Strand& strand) const;

  const job::Job& job_;
  const bool is_wanted_;
  const footage::Timeline& timeline_;
  const schedule::Loop loop_;
  const schedule::Cadence cadence_;
  const image::Size frame_size_, size_;  // of the job's frames, and of the noise that is moved
  const double frames_per_second_;
  std::array<Strand, 2> strands_;  // even and odd numbers
};

}  // namespace dreamreel::carry
