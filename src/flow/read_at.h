// Reads a flow field between its pixels.
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::flow {

/// `field` (C,H,W) read bilinearly at `positions` (2,H,W) px; outside the frame its edge is repeated.
at::Tensor read_at(const at::Tensor& field, const at::Tensor& positions);

}  // namespace dreamreel::flow
