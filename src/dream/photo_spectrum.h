// How strong the waves of photographs are: the strengths that Parameterization::spectrum holds for a picture
// out of noise.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace dreamreel::dream {

/// |z| of photographs for a picture of this size, (3,H,W/2+1) float32 on the CPU, with z as in FourierCode.
/// A wave's strength depends on its number of periods along the longer side, so all octaves of a picture
/// agree about the waves that they share. The constant wave (0,0) has no meaning here.
at::Tensor strengths_of_photographs(std::int64_t height, std::int64_t width);

}  // namespace dreamreel::dream
