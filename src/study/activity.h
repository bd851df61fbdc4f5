// How strongly the channels of a layer respond, and how much of that is due to the picture.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace dreamreel::study {

/// (N,C) float32: the mean over all positions of the positive part of each channel of `activation` (N,C,...).
at::Tensor channel_responses(const at::Tensor& activation);

/// How many times stronger than on a baseline, each channel on its own; all (C). A channel that is silent on the baseline
/// is held against a tenth of the layer's average there, so that a whisper in place of silence does not win.
at::Tensor lifts(const at::Tensor& responses, const at::Tensor& baseline);

/// `picture` (3,H,W) float32 with the same colours and the same frequencies but no shapes: the phases of its Fourier
/// transform are moved at random, the same way in every colour. (Galerne, Gousseau, Morel: "Random Phase Textures", IEEE
/// TIP 20, 2011.) Clamped to [0,1]. A function of picture and `number`.
at::Tensor without_shapes(const at::Tensor& picture, std::int64_t number);

}  // namespace dreamreel::study
