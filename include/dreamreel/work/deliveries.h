// Notes in the work folder which outputs of a job with several are finished, so that none is encoded again
// after a stop.
#pragma once

#include <filesystem>
#include <string>

#include "dreamreel/work/work_folder.h"

namespace dreamreel::work {

/// Notes that `file` is finished: the output itself, or the first picture of a numbered one. `key` stands for
/// everything that the output's bytes depend on. The caller must hold the folder's lock. Throws IoError.
void note_delivery(const WorkFolder& work, const std::filesystem::path& output,
                   const std::filesystem::path& file, const std::string& key);

/// Whether note_delivery() was called with these arguments, and the file has not been changed since: it has
/// the same size and the same time of change.
bool is_delivered(const WorkFolder& work, const std::filesystem::path& output,
                  const std::filesystem::path& file, const std::string& key);

}  // namespace dreamreel::work
