// Encodes a picture as the bytes of a file, for programs that send it to others.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace dreamreel::study {

/// `picture`: (3,H,W) float32 in [0,1], on any device. Throws IoError if the folder for temporary files
/// cannot be written.
std::string jpeg_of(const at::Tensor& picture);

}  // namespace dreamreel::study
