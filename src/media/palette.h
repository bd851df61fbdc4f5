// Reduces a picture to 256 colours, for codecs that take no more (GIF).
#pragma once

#include "libav.h"

namespace dreamreel::media {

/// `picture` (RGB24 or RGBA) as PAL8 with a palette of its own. libavfilter's palettegen and paletteuse
/// compute it (median cut, error diffusion). Alpha below one half becomes transparent, and the rest opaque.
/// Its times are kept. Throws RenderError.
FramePtr in_256_colours(const AVFrame& picture);

}  // namespace dreamreel::media
