// Reading a small text file whole.
#pragma once

#include <filesystem>

#include "dreamreel/core/plain_file.h"

namespace dreamreel::job {

/// The file's bytes, cut one byte after the largest accepted size of YAML; or the reason why it cannot be
/// read.
Beginning read_text(const std::filesystem::path& path);

}  // namespace dreamreel::job
