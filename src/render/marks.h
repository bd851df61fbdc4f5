// Dots that show how the carry moves a dream (temporal.marks).
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::render {

/// `start` (3,H,W), the start of an ascent, with a grid of dots. The dots are black where `below` (3,H,W) is
/// bright, and white where it is dark. `share` in [0,1] is how strongly they are drawn: the share by which
/// carried dots have faded.
at::Tensor marked(const at::Tensor& start, const at::Tensor& below, double share);

}  // namespace dreamreel::render
