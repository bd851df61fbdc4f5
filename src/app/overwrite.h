// Nothing that is finished is replaced without being asked.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>

#include "dreamreel/job/job.h"

namespace dreamreel::app {

/// Declares -y, --overwrite.
void add_overwrite(CLI::App& command, bool& overwrite);

/// Whether something stands where the job's output will.
bool output_exists(const job::Job& job);

/// Whether the job's output may be written. It may where nothing stands under its name, where `overwrite` was
/// given, where the person at the terminal says so, and where a render goes on: `plan`, the plan file that it
/// goes on with, is younger than the output, so consent was given when it began; or the output holds this very
/// job, so it is what the render was about to write. Throws UsageError otherwise. `plan` need not exist.
void expect_replaceable(const job::Job& job, const std::filesystem::path& plan, bool overwrite);

/// Warns of numbered pictures of an earlier, longer sequence that stand beside the job's own: programs that
/// read the sequence take them for its end. `end` is the number behind the last frame.
void warn_of_older_pictures(const job::Job& job, std::int64_t begin, std::int64_t end);

}  // namespace dreamreel::app
