// What a job may set of an encoder, and the setting of it.
//
// Some encoder options name files: logs of a first pass, statistics, tables. As with filters (filter_list.h),
// an option goes by its type: numbers and flags name no file, texts are allowed by name. Encoders that take a
// list of their own library's options in one text (x264-params) have a list of the names that are allowed in
// it, because nobody can see from outside which of a library's options are files.
#pragma once

#include <map>
#include <string>

#include "libav.h"

namespace dreamreel::media {

/// Sets output.video.options, but for "q". Throws JobError for an option that the encoder lacks or refuses,
/// and for one that a job may not set; then nothing that the option names was opened. Everything is allowed
/// where all of FFmpeg is trusted.
void set_encoder_option(AVCodecContext& codec, const std::string& key, const std::string& value);

}  // namespace dreamreel::media
