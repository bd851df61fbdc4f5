// 256 colours for a picture, for codecs that take no more (GIF).
#pragma once

#include "libav.h"

namespace dreamreel::media {

/// `picture` (RGB24) as PAL8 with a palette of its own, by libavfilter's palettegen and paletteuse (median
/// cut, error diffusion). Its times go along. Throws RenderError.
FramePtr in_256_colours(const AVFrame& picture);

}  // namespace dreamreel::media
