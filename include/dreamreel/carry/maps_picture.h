// What `render --show maps` draws in a dream's place (temporal.maps).
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/carry/analysis.h"

namespace dreamreel::carry {

/// The frame's source (3,H,W) in grey. Colours lie over the places to which the last frame carries nothing:
/// green if an older frame remembers the place; else red if it was uncovered, blue if it came from outside,
/// and yellow if it is an edge of motion.
at::Tensor maps_picture(const AnalysedFrame& analysed, const at::Tensor& source);

}  // namespace dreamreel::carry
