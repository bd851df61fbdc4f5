// Reading a small text file whole.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace dreamreel::job {

/// The file's bytes, cut one byte past the largest YAML that is accepted; nullopt with errno set if it cannot
/// be read.
std::optional<std::string> read_text(const std::filesystem::path& path);

}  // namespace dreamreel::job
