// Turns a person's wishes into an encoder that can be opened: its name, pixel format, colours and time base.
// Every refusal is a JobError with the nearest names.
#pragma once

#include <filesystem>

#include "dreamreel/media/writer.h"
#include "libav.h"

namespace dreamreel::media {

/// The container for a path, by its extension. JobError if there is none.
const AVOutputFormat& container_for(const std::filesystem::path& path);

/// True if the path's extension stands for single pictures ("photo.png", "%06d.tif").
bool is_picture_path(const std::filesystem::path& path);

/// The named encoder ("libx264"), or the first one for a named codec ("h264"). "" stands for the container's
/// usual encoder.
const AVCodec& choose_encoder(const WriterOptions& options, const AVOutputFormat& container);

/// Pixel formats to try, best first. More than one only if the picture's size may not suit the first. Left
/// out in the options, it holds the source's alpha if any of the encoder's formats does.
std::vector<AVPixelFormat> choose_pixel_formats(const WriterOptions& options, const VideoInfo& source,
                                                const AVCodec& codec, bool pictures);

/// The colour tags that describe the encoded samples.
ColourTags choose_colours(const VideoInfo& source, const AVCodec& codec, AVPixelFormat format);

/// The source's own unit, so that every pts is kept; coarser only where codec or container has no other
/// choice.
AVRational choose_time_base(const VideoInfo& source, const AVCodec& codec, const AVOutputFormat& container);

/// The rate for the codec's own bit stream, which may know only some rates. The container keeps the exact
/// times.
AVRational nearest_codec_time_base(AVRational wanted, const AVCodec& codec);

}  // namespace dreamreel::media
