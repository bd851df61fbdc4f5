// Which filters forget: what they make of a frame depends on that frame alone.
#pragma once

#include <string>

namespace dreamreel::media {

/// Whether every filter of the text gives one frame for each frame it takes, and makes it of that frame's pixels and time alone.
/// Such a chain may begin anew at any frame of a video. False in cases of doubt; a text that cannot be read is in doubt.
bool forgets(const std::string& filter_text);

}  // namespace dreamreel::media
