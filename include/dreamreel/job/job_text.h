// A job whose text is not in a file yet, because a person is still writing it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "dreamreel/job/job.h"
#include "dreamreel/job/key_places.h"

namespace dreamreel::job {

struct TextOptions {
  LoadOptions load;
  /// Asked before a file that the job extends is read: a reason against it, "" where there is none. Empty:
  /// all may be read.
  std::function<std::string(const std::filesystem::path&)> why_not_extend{};
};

/// load_job() of `text`, as if it stood in the file `path`, which need not exist: messages name that file,
/// and paths are relative to its folder. Throws JobError.
Job load_job_text(const std::string& text, const std::filesystem::path& path, const TextOptions& options,
                  KeyPlaces& places);

}  // namespace dreamreel::job
