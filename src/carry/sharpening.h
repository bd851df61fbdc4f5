// Restores the detail that a picture loses each time it is moved (temporal.sharpen).
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::carry {

/// `picture` (C,H,W), which was read at `positions` (2,H,W), x and y, in px, with about the detail that it
/// had before. An `amount` of up to 0.15 makes no wave stronger than it was.
at::Tensor sharpened(const at::Tensor& picture, const at::Tensor& positions, double amount);

}  // namespace dreamreel::carry
