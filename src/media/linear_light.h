// Writes display values as linear light, into formats of floats (EXR, PFM). The amount of light follows from
// the inverse of the source's own transfer function.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/media/video.h"
#include "libav.h"

namespace dreamreel::media {

/// True for the formats of floats that are written: planar R'G'B' of 32 bits, with or without alpha.
bool is_linear_format(AVPixelFormat format);

/// The transfer function of `source` (AVColorTransferCharacteristic). Where it has no tag: sRGB for pictures
/// and R'G'B', BT.709 for video.
int resolved_transfer(const VideoInfo& source);

/// The light of a display value, by ITU-T H.273, table 3, and IEC 61966-2-1. 1 is white: a value of 1, or for
/// high dynamic range the reference white of ITU-R BT.2408, 203 cd/m^2 of PQ and 75 % of HLG. BT.709 and its
/// relatives are inverted as cameras apply them. An unknown function counts as sRGB.
float light_of(float value, int transfer);

/// What the writing of floats has to know.
struct LinearLight {
  int transfer = AVCOL_TRC_IEC61966_2_1;
  bool is_associated = false;  ///< colours are multiplied by alpha, as EXR has them
  bool is_half = false;        ///< the encoder cuts values to 16-bit floats; they are rounded before
};

LinearLight linear_light_for(const VideoInfo& source, const AVCodecContext& codec);

/// Fills the planes of `frame`, whose format is_linear_format(), from `rgb`, float32 (3,H,W) in [0,1], and
/// `alpha`, (1,H,W) in [0,1] or undefined for opaque.
void linear_frame_from_tensor(const at::Tensor& rgb, const at::Tensor& alpha, const LinearLight& light,
                              AVFrame& frame);

}  // namespace dreamreel::media
