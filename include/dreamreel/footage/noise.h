// The noise that a job dreams of: at the start, and fresh in every frame of pure feedback.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/core/random.h"
#include "dreamreel/curve/curve_time.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/job/job.h"

namespace dreamreel::footage {

/// The size of the frames for which noise is drawn: those of the final render, if the job is a draft.
image::Size size_of_noise(const job::Job& job, const image::Size& size);

/// Whether noise is drawn so that a smaller frame shows the larger one's: where dream.motif counts.
bool draws_scaled_noise(const job::Job& job, const curve::CurveTime& time);

/// What comes in from outside the frame in the step that ends at `time`.
image::Border border_at(const job::Job& job, const curve::CurveTime& time);

/// What comes in from outside a frame, as image::resample() takes it.
struct Outside {
  image::Border border = image::Border::mirror;
  image::Size noise_size;
  bool is_noise() const { return image::is_noise(border); }
};
Outside outside_of(const job::Job& job, const curve::CurveTime& time, const image::Size& size);

/// Grey noise of deviation `sigma` for a frame at `time`: (3,H,W) float32 in [0,1], CPU. It is white, or one
/// picture at every size (draws_scaled_noise()). A draft shows the final render's white noise, scaled down.
at::Tensor noise_for(const job::Job& job, const curve::CurveTime& time, const image::Size& size,
                     const RandomKey& key, Purpose purpose, double sigma);

/// The picture from which a dream out of noise starts at frame key.frame.
at::Tensor start_noise(const job::Job& job, const image::Size& size, const RandomKey& key);

}  // namespace dreamreel::footage
