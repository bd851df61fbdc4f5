// What `render --show maps` draws in a dream's place (temporal.maps).
#pragma once

#include <ATen/core/Tensor.h>

#include "analysis.h"

namespace dreamreel::render {

/// The frame's source (3,H,W) in grey, and over it, as far as nothing is carried from the last frame: what
/// an older frame remembers, green; else what was uncovered, red, what came from outside, blue, and edges
/// of motion, yellow.
at::Tensor maps_picture(const AnalysedFrame& analysed, const at::Tensor& source);

}  // namespace dreamreel::render
