// What every subcommand that takes a job file has in common.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/render/render.h"

namespace dreamreel::app {

struct JobArguments {
  std::filesystem::path file;
  std::filesystem::path output;
  std::vector<std::string> overrides;
  std::string frames;
  int threads = 0;
  bool draft = false, motion = false;
};

/// Declares JOB.yaml, -o, --set, --frames, --draft, --motion and --threads. `arguments` must outlive the parse.
void add_job_arguments(CLI::App& command, JobArguments& arguments);

/// Loads the job with its overrides, as a draft or without dreaming where that was asked, and sets the number of
/// threads. Throws JobError, InputError.
job::Job load(const JobArguments& arguments);

/// "A..B" half-open, "A.." and "..B" too. Throws UsageError.
render::FrameRange parse_frames(const std::string& text);

/// A whole number of at least 0, or nullopt.
std::optional<std::int64_t> parse_number(std::string_view text);

/// --threads N, else SLURM_CPUS_PER_TASK or CUE_THREADS, else 0 (every core).
int wanted_threads(int option);

}  // namespace dreamreel::app
