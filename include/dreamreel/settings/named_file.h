// A file with the path of the key that names it.
#pragma once

#include <filesystem>
#include <string>

namespace dreamreel::settings {

struct NamedFile {
  std::string key;  ///< "dream.objectives.0.image"
  /// part of the struct that was listed, and valid as long as that; for a numbered sequence, its pattern
  std::filesystem::path* path = nullptr;
};

}  // namespace dreamreel::settings
