// The arithmetic between Y'CbCr code values and R'G'B' in [0,1], from ITU-T H.273 (section 8.3,
// MatrixCoefficients) and BT.601, BT.709, BT.2020. In float, so that 8 to 16 bit sources lose nothing and
// every FFmpeg gives the same bits.
#pragma once

#include <array>

#include "dreamreel/media/video.h"
#include "libav.h"

namespace dreamreel::media {

/// The code point (AVColorSpace) to convert with: the tagged one, or for an untagged picture what players
/// assume, BT.709 from 720 rows up and BT.601 below. Constant-luminance and other matrices that are not
/// linear are treated as their nearest linear relative.
int resolved_matrix(int tagged, int height);

using Matrix3 = std::array<std::array<float, 3>, 3>;

/// Rows R, G, B; columns Y in [0,1], Cb and Cr in [-0.5, 0.5]. `matrix` is what resolved_matrix() returned.
Matrix3 rgb_from_ycc(int matrix);
/// The inverse: rows Y, Cb, Cr.
Matrix3 ycc_from_rgb(int matrix);

/// code = value * scale + offset, for one component of a sample format.
struct Quantiser {
  float scale = 255;
  float offset = 0;
};

/// Luma (or R, G, B, grey) of `depth` bits: [0,1] -> [0, 2^depth-1], or [16, 235] * 2^(depth-8) in limited
/// range.
Quantiser luma_quantiser(int depth, bool full_range);
/// Chroma: [-0.5, 0.5] about 2^(depth-1).
Quantiser chroma_quantiser(int depth, bool full_range);

/// What a frame's samples mean. R'G'B' formats are always full range; grey is, unless it is tagged otherwise.
bool is_full_range(AVPixelFormat format, AVColorRange tagged);

/// A transfer function of high dynamic range: PQ or HLG.
bool is_hdr(int transfer);

bool is_rgb(AVPixelFormat format);
bool is_grey(AVPixelFormat format);

}  // namespace dreamreel::media
