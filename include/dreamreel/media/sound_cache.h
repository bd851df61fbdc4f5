// Keeps analyses of sound on disk (sound_analysis.h). The key of an analysis has the path, size and time of
// change of the file, the range and the frame rate.
#pragma once

#include <filesystem>

#include "dreamreel/media/sound_analysis.h"

namespace dreamreel::media {

/// As analyse_sound(), through a cache. The analysis is read from `folder` if the same range of the same file
/// (path, size, time of change) was analysed before. Otherwise it is made and stored. A damaged or foreign
/// cache file is ignored, and a folder that cannot be written is no error. The latest kCachedSounds files are
/// kept.
SoundAnalysis cached_sound(const SoundRange& range, const std::filesystem::path& folder);
constexpr int kCachedSounds = 64;

}  // namespace dreamreel::media
