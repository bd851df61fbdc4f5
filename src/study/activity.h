// Measures how strongly the channels of a layer respond, and how much of this is due to the picture.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace dreamreel::study {

/// The mean over all positions of each channel's positive part, (N,C) float32. `activation`: (N,C,...).
at::Tensor channel_responses(const at::Tensor& activation);

/// Each channel's responses divided by the baseline's; all are (C). A channel that is silent on the baseline
/// is divided by a tenth of the layer's mean there. Otherwise the slightest response of such a channel would
/// win.
at::Tensor lifts(const at::Tensor& responses, const at::Tensor& baseline);

/// Makes a picture with the same colours and frequencies as `picture`, (3,H,W) float32, but without shapes.
/// It shifts the phases of the Fourier transform at random, equally in every colour. (Galerne, Gousseau,
/// Morel: "Random Phase Textures", IEEE TIP 20, 2011.) The result is clamped to [0,1]. It depends only on
/// picture and `number`.
at::Tensor without_shapes(const at::Tensor& picture, std::int64_t number);

}  // namespace dreamreel::study
