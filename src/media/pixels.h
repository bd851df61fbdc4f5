// Converts between frames of libav and float tensors. Reads and writes samples of any plain format (planar,
// packed, semi-planar; Y'CbCr, R'G'B', grey; 8 to 16 bits; either byte order), using libav's own description
// of the format.
#pragma once

#include <ATen/core/Tensor.h>

#include "libav.h"

namespace dreamreel::media {

/// True if the functions below can read and write this format. libavfilter has to convert all other formats
/// first (palettes, bit streams, floats, device memory).
bool is_plain(AVPixelFormat format);

/// All plain formats, as the list for the "format" filter: "yuv420p|yuv422p|...".
const std::string& plain_format_names();

/// float32 (3,H,W), R'G'B' in [0,1], CPU, contiguous. Matrix, range and chroma position are the frame's own
/// where it is tagged; values outside [0,1] (super-whites) are clamped; alpha is dropped.
at::Tensor tensor_from_frame(const AVFrame& frame);

bool has_alpha(AVPixelFormat format);
/// float32 (1,H,W) in [0,1], CPU, contiguous, of a plain format that has alpha.
at::Tensor alpha_from_frame(const AVFrame& frame);

/// How values between two codes of an 8-bit format are rounded. Deeper formats always round to the nearest
/// code.
enum class Rounding {
  nearest,  ///< the least error for each pixel
  ordered,  ///< a fixed 8x8 Bayer pattern on luma, grey and R'G'B': keeps the gradients of a deeper source
            ///< from banding; does not flicker, and leaves alone what the format holds exactly
};

/// Fills the planes of `frame`, whose format, size, buffers and colour tags are set, from float32 (3,H,W) in
/// [0,1]. A format with alpha gets `alpha`, float32 (1,H,W) in [0,1], rounded to the nearest code; an
/// undefined one is opaque. The colours stay as they are wherever they are transparent (straight alpha).
void frame_from_tensor(const at::Tensor& rgb, Rounding rounding, AVFrame& frame,
                       const at::Tensor& alpha = {});

}  // namespace dreamreel::media
