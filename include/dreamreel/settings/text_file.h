// Reading a small text file whole.
#pragma once

#include <filesystem>

#include "dreamreel/core/plain_file.h"

namespace dreamreel::settings {

/// Whether the path is a file, or a link to one, rather than a folder, a pipe or a device.
bool is_file(const std::filesystem::path& path);

/// The file's bytes, cut one byte after the largest accepted size of YAML; or the reason why it cannot be
/// read.
Beginning read_text(const std::filesystem::path& path);

}  // namespace dreamreel::settings
