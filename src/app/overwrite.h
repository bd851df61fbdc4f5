// Makes sure that no finished file is replaced without consent.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::app {

/// Declares -y, --overwrite.
void add_overwrite(CLI::App& command, bool& overwrite);

/// The outputs of the job, as it names them, of which a file exists.
std::vector<std::filesystem::path> existing_outputs(const job::Job& job);

/// Throws UsageError unless all of the job's outputs may be written. One may be written in four cases. No
/// file has its name. Or `overwrite` was given. Or the person at the terminal agrees. Or a render continues,
/// with `plan` as its plan file, which need not exist. A plan that is younger than the output shows that
/// consent was given when the render began. An output with this very job inside is the file that the render
/// was about to write. Of several outputs, a finished one is left alone, so nobody is asked about it; `work`
/// is the render's folder.
void expect_replaceable(const job::Job& job, const std::filesystem::path& plan, const work::WorkFolder& work,
                        bool overwrite);

/// The same of one file that takes no time to make: it is replaced if it does not exist, or on request.
void expect_replaceable(const std::filesystem::path& file, bool overwrite);

/// Throws UsageError if a person's file has the name of a file that a command writes anew each time, such as
/// a page of curves. The command's own earlier file has one of the `marks` near its beginning; an empty file
/// counts as none. `option` is how the person gave the name.
void expect_no_other_file(const std::filesystem::path& file, const std::string& option,
                          const std::vector<std::string>& marks);

/// The same for `--preview`, which may be any picture but a file that the job reads or writes.
void expect_no_file_of_job(const std::filesystem::path& preview, const job::Job& job);

/// Warns if numbered pictures of an earlier, longer sequence lie beside the job's own pictures. Programs that
/// read the sequence would take them for its end. `end` is the number after the last frame.
void warn_of_older_pictures(const job::Job& job, std::int64_t begin, std::int64_t end);

}  // namespace dreamreel::app
