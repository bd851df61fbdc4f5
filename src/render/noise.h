// The noise that a job dreams of: at the start, and fresh in every frame of pure feedback.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/core/random.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/job/job.h"

namespace dreamreel::render {

/// Grey noise of deviation `sigma`: (3,H,W) float32 in [0,1], CPU. It is white, or one picture at every size
/// (draws_scaled_noise()). A draft shows the noise of the final render, scaled down.
at::Tensor noise_for(const job::Job& job, const image::Size& size, const RandomKey& key, Purpose purpose,
                     double sigma);

/// The picture from which a dream out of noise starts.
at::Tensor start_noise(const job::Job& job, const image::Size& size, const RandomKey& key);

}  // namespace dreamreel::render
