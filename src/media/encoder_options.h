// Checks the encoder options of a job, and sets them.
//
// Some encoder options name files: logs of a first pass, statistics, tables. As with filters (filter_list.h),
// the type of an option decides: numbers and flags name no file, and texts are allowed by name. Some encoders
// take options of their own library in one text (x264-params). For these there is a list of allowed names,
// because nobody can see from outside which of a library's options name files.
#pragma once

#include <map>
#include <string>

#include "libav.h"

namespace dreamreel::media {

/// Sets output.video.options, except "q". Throws JobError for an option that the encoder lacks or refuses, or
/// that a job may not set. No file that such an option names has been opened then. If all of FFmpeg is
/// trusted, every option is allowed.
void set_encoder_option(AVCodecContext& codec, const std::string& key, const std::string& value);

/// Encodes at a fixed quantiser, in MPEG's scale.
void set_quantiser(AVCodecContext& codec, double quantiser);

/// Sets any of output.video.options, including "q". Throws as set_encoder_option() does.
void set_video_option(AVCodecContext& codec, const std::string& name, const std::string& value);

/// Whether the encoder has an option of this name.
bool has_option(AVCodecContext& codec, const std::string& name);

/// Whether any video encoder of this FFmpeg has an option of this name.
bool is_option_of_any_encoder(const std::string& name);

}  // namespace dreamreel::media
