// Pictures of sheets as files.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>

namespace dreamreel::study {

/// (3,H,W) float32 [0,1] CPU -> a PNG, or a JPEG without chroma subsampling,
/// by the ending of `path`. Throws IoError.
void write_picture(const at::Tensor& picture, const std::filesystem::path& path);

}  // namespace dreamreel::study
