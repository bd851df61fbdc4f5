// Reads the one tree of a job into the structs of job/job.h, and checks it.
#pragma once

#include <filesystem>

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

/// The job of a tree without scenes, in which files, looks and overrides are merged already. Fills in the
/// defaults that depend on other keys. `problems` may already hold some. Throws JobError with them all.
Job checked_job(Value root, const std::filesystem::path& path, const LoadOptions& options,
                Problems& problems);

}  // namespace dreamreel::job
