// One render on many machines. A plan is cut into chunks. Each chunk is rendered by its number, on any
// machine, and a join makes the output. A chunk is one or more pieces of a schedule::Plan, so it gives the
// same pixels as render::render() on one machine. All state is in files: the work folder shows what is done.
// See docs/farm.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/render/render.h"

namespace dreamreel::farm {

/// How a plan is cut into chunks.
struct SplitOptions {
  /// 0: one chunk per shot. N: whole shots in at most N chunks of about equal length.
  std::int64_t chunks = 0;
  /// Shots longer than this are cut into pieces, at segment borders if possible; 0: never. The dream cannot
  /// be carried over such a seam: see `warmup`.
  std::int64_t max_frames = 0;
  /// Frames that a piece dreams before its own first frame, so that it does not begin with a young dream.
  /// They are not kept.
  std::int64_t warmup = 0;
};

/// Sets plan.pieces and plan.chunks. The longest chunk comes first, because it decides when the render ends.
/// Throws UsageError.
void split(schedule::Plan& plan, const SplitOptions& options);

/// Writes a plan, either whole or not at all. Removes unfinished plans that killed processes of this machine
/// left. Throws IoError.
void write_plan(const std::filesystem::path& file, const schedule::Plan& plan);

/// The paths on this machine.
struct Places {
  std::filesystem::path plan;
  std::optional<std::filesystem::path> source, work, output, network;  ///< replace the job's paths
  /// OpenJD's pathmapping-1.0, for all paths that are not given.
  std::optional<std::filesystem::path> path_map;
};

/// A plan with its job and all its places. The work folder is `work`, or "<output>.work" if none is given.
struct Farm {
  std::filesystem::path plan_file;
  schedule::Plan plan;
  job::Job job;
  work::WorkFolder work;
};

/// Opens a plan. Throws InputError if a file cannot be read, DataError if the plan is damaged, JobError if
/// its job is not valid.
Farm open_farm(const Places& places);

/// `path`, mapped by the rules of a pathmapping-1.0 file. The longest source path has priority. Unchanged if
/// no rule fits. Throws InputError, DataError.
std::filesystem::path mapped_path(const std::filesystem::path& path, const std::filesystem::path& path_map);

/// Renders a chunk, or resumes it. For a finished chunk, returns false at once, before a network is loaded.
/// The done file is written last. Throws UsageError for a number that the plan does not have, DataError if
/// source or network differ from the plan's, and what render::render_pieces() throws.
bool run_chunk(const Farm& farm, std::size_t index, const render::RenderOptions& options);

enum class ChunkState { done, damaged, unfinished, missing };
const char* name_of(ChunkState state);

struct ChunkStatus {
  ChunkState state = ChunkState::missing;
  std::int64_t frames = 0, frames_done = 0;  ///< finished segments count whole
  std::string holder;  ///< "host pid" of the process that works on the chunk, or ""; printable
};

/// The state of every chunk. Reads every existing part, so that `done` means whole.
std::vector<ChunkStatus> status(const Farm& farm);

/// Joins all chunks. Throws InputError with the chunks that are not done, DataError with the chunks that are
/// damaged, and Interrupted if a chunk is being rendered; nothing is written then. Removes the work folder,
/// unless options.keep_work is set.
void join(const Farm& farm, const render::RenderOptions& options);

/// "1,4-5".
std::string ranges(const std::vector<std::size_t>& numbers);

struct WorkersOptions {
  int workers = 2;
  std::vector<std::string> devices;  ///< the workers take turns; empty: the job's device
  int threads = 0;                   ///< threads of all workers together; 0: every core
  render::RenderOptions render;
};

/// Like render::render(), but renders shots side by side in child processes of `executable`. Every frame is
/// the same as in a render by one process with as many threads as each worker has.
render::RenderResult render_with_workers(const job::Job& job, const std::filesystem::path& executable,
                                         const WorkersOptions& options);

}  // namespace dreamreel::farm
