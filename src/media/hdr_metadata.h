// Carries the levels of high dynamic range from a source to an output: in the bit stream, if the encoder
// writes them, and in the container's header.
#pragma once

#include "dreamreel/media/video.h"
#include "libav.h"

namespace dreamreel::media {

/// Reads the container's header and, if given, a decoded frame. The frame counts more.
HdrMetadata read_hdr_metadata(const AVStream& stream, const AVFrame* frame);

/// Tells x264, x265 and SVT-AV1, which take the levels as parameters, after the user's options, which win.
void tell_encoder(AVCodecContext& codec, const HdrMetadata& hdr);
/// Whether tell_encoder() has a way to.
bool encoder_writes_levels(const AVCodec& codec);

/// For the containers that have a place for the levels: MP4, QuickTime, Matroska, WebM.
void tell_container(AVStream& stream, const HdrMetadata& hdr);

}  // namespace dreamreel::media
