// Options that all subcommands with a job file share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/settings/key_places.h"
#include "frame_span.h"

namespace dreamreel::app {

/// Larger numbers would only take memory: each thread has a stack, each worker a network.
inline constexpr int kMostThreads = 1024, kMostWorkers = 256;

struct JobArguments {
  std::filesystem::path file;  ///< or what load_job() dreams on
  std::filesystem::path output;
  std::filesystem::path input;  ///< in place of the job's own, or of the file where there is none
  std::string look, song;
  std::optional<double> strength;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> overrides;
  std::string frames;
  int threads = 0;
  bool draft = false, motion = false;
  std::string show;         ///< "", "maps" or "mask"
  std::int64_t memory = 0;  ///< bytes; 0: not given
};

/// Refuses a minus sign. CLI11 takes "-1" for the largest number of an unsigned type.
CLI::Validator without_sign();

/// Declares what says which job it is: the file, --look, --song, --strength, --seed, --set. `arguments` must
/// outlive the parse.
void add_job(CLI::App& command, JobArguments& arguments);

/// Declares the same and -o, --frames, --draft, --motion, --show, --threads and --memory. `arguments` must
/// outlive the parse.
void add_job_arguments(CLI::App& command, JobArguments& arguments);

/// A job as the command line asks for it.
struct LoadedJob {
  job::Job job;
  settings::KeyPlaces places;
  FrameSpan span;
};

/// Loads the job with its overrides, as a draft or without dreaming if the options ask for that. Sets the
/// number of threads. A preview or a part of the job gets an output of its own: "dream_draft.mp4",
/// "dream_100-148.mp4". Throws JobError, InputError, UsageError.
LoadedJob load(const JobArguments& arguments);

/// The job's file, or what to dream on. Throws UsageError where neither is given.
std::filesystem::path job_file(const JobArguments& arguments);

/// The overrides in their order: --look, --song, --strength and --seed, and then each --set.
std::vector<std::string> overrides_of(const JobArguments& arguments);

/// Declares --frames.
void add_frames(CLI::App& command, JobArguments& arguments);

/// A whole number of at least 0, or nullopt.
std::optional<std::int64_t> parse_number(std::string_view text);

/// Declares --memory SIZE and stores it in bytes.
void add_memory(CLI::App& command, std::int64_t& bytes);

/// Parses "6GiB", "800M", "1.5g" (powers of 1024), "2GB" (powers of 1000), or plain bytes. nullopt for any
/// other text and for 0.
std::optional<std::int64_t> parse_size(const std::string& text);

/// --threads N, else SLURM_CPUS_PER_TASK or CUE_THREADS, else 0 (every core).
int wanted_threads(int option);

}  // namespace dreamreel::app
