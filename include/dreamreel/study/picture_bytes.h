// A picture as the bytes of a file, for programs that send it on.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace dreamreel::study {

/// `picture`: (3,H,W) float32 [0,1], any device. Throws IoError where the folder for temporary files takes
/// none.
std::string jpeg_of(const at::Tensor& picture);

}  // namespace dreamreel::study
