// Looks: job files that are found by their name, wherever the program is installed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

struct Look {
  std::string name;            ///< "agate"
  std::filesystem::path file;  ///< its job file
  std::string description;     ///< the first sentence of the comment that the file begins with
};

/// The looks in LoadOptions::look_folders, sorted by name. Where two folders hold the same name, the first
/// one counts. Never throws: folders and files that cannot be read are left out.
std::vector<Look> list_looks(const LoadOptions& options);

/// The file of a look, or of a shared job such as "base". Throws JobError with the closest names.
std::filesystem::path find_look(const std::string& name, const LoadOptions& options);

}  // namespace dreamreel::job
