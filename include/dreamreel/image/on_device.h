// Moves tensors to the device that dreams.
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::image {

/// `tensor` on `device`; the tensor itself if it is there already. A GPU copies page-locked memory by itself,
/// while this thread continues.
at::Tensor on_device(const at::Tensor& tensor, const at::Device& device);

}  // namespace dreamreel::image
