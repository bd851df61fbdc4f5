// Tells which filters forget: their output depends on one input frame alone.
#pragma once

#include <string>

namespace dreamreel::media {

/// Whether every filter of the text gives one frame for each frame it takes, and makes it of that frame's
/// pixels and time alone. Such a chain may begin anew at any frame of a video. False if in doubt, and for a
/// text that cannot be read.
bool forgets(const std::string& filter_text);

}  // namespace dreamreel::media
