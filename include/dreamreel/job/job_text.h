// A job whose text is not in a file yet, because a person is still writing it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "dreamreel/job/job.h"
#include "dreamreel/settings/key_places.h"

namespace dreamreel::job {

struct TextOptions {
  LoadOptions load;
  /// Called before a file that the job extends is read. Returns the reason why the file must not be read, or
  /// "" if it may be. If the function is empty, all files may be read.
  std::function<std::string(const std::filesystem::path&)> why_not_extend{};
};

/// Like load_job() of a file `path` with the contents `text`. The file need not exist. Messages name it, and
/// paths are relative to its folder. Throws JobError.
Job load_job_text(const std::string& text, const std::filesystem::path& path, const TextOptions& options,
                  settings::KeyPlaces& places);

}  // namespace dreamreel::job
