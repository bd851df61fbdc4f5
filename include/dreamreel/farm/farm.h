// One render on many machines: a plan cut into chunks, each rendered by its number wherever it happens to
// run, and a join. A chunk is one or more pieces of a schedule::Plan, so it gives the same pixels as
// render::render() on one machine. Everything is files: what is done is told by the work folder, never by a
// process. See docs/farm.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/render/pieces.h"

namespace dreamreel::farm {

/// How a plan is cut into chunks.
struct SplitOptions {
  /// 0: one chunk a shot. N: whole shots in at most N chunks of about equal length.
  std::int64_t chunks = 0;
  /// Shots longer than this are cut into pieces, at segment borders where that is possible; 0: never. The
  /// dream cannot be carried over such a seam: see `warmup`.
  std::int64_t max_frames = 0;
  /// Frames that a piece dreams before its first one, so that it looks as if the dream had come from there.
  /// Not kept.
  std::int64_t warmup = 0;
};

/// Sets plan.pieces and plan.chunks, the longest chunk first: it decides when all is done. Throws UsageError.
void split(schedule::Plan& plan, const SplitOptions& options);

/// Writes a plan, whole or not at all, and removes what killed processes of this machine left of writing it.
/// Throws IoError.
void write_plan(const std::filesystem::path& file, const schedule::Plan& plan);

/// Where things are on the machine at hand.
struct Places {
  std::filesystem::path plan;
  std::optional<std::filesystem::path> source, work, output, network;  ///< in place of the job's
  std::optional<std::filesystem::path> path_map;  ///< OpenJD's pathmapping-1.0, for all that is not given
};

/// A plan with its job, all places resolved. The work folder is `work`, else "<output>.work".
struct Farm {
  std::filesystem::path plan_file;
  schedule::Plan plan;
  job::Job job;
  work::WorkFolder work;
};

/// Throws InputError, DataError, JobError.
Farm open_farm(const Places& places);

/// `path` by the rules of a pathmapping-1.0 file, the longest source path first; unchanged where none fits.
/// Throws InputError, DataError.
std::filesystem::path mapped_path(const std::filesystem::path& path, const std::filesystem::path& path_map);

/// Renders a chunk, or goes on with it. A chunk that is done already returns false at once, before any
/// network is loaded. The done file comes last. Throws UsageError for a number that is none of the plan's,
/// DataError for another source or network than the plan was made with, and what render::render_pieces()
/// throws.
bool run_chunk(const Farm& farm, std::size_t index, const render::RenderOptions& options);

enum class ChunkState { done, damaged, unfinished, missing };

struct ChunkStatus {
  ChunkState state = ChunkState::missing;
  std::int64_t frames = 0, frames_done = 0;  ///< whole segments count as done
  std::string holder;                        ///< "host pid" of who works on it, "" for nobody; printable
};

/// Reads every part that is there, so that `done` means whole.
std::vector<ChunkStatus> status(const Farm& farm);

/// Joins all chunks. Throws InputError naming the chunks that are not done, DataError naming those that are
/// damaged; nothing is written then; Interrupted if a chunk is being rendered. The work folder goes unless
/// options.keep_work.
void join(const Farm& farm, const render::RenderOptions& options);

/// "1,4-5".
std::string ranges(const std::vector<std::size_t>& numbers);

struct WorkersOptions {
  int workers = 2;
  std::vector<std::string> devices;  ///< the workers take turns; empty: the job's
  int threads = 0;                   ///< of all workers together; 0: every core
  render::RenderOptions render;
};

/// render::render() with shots side by side in child processes of `executable`. Every frame is the same
/// as in a render by one process with as many threads as each worker has.
render::RenderResult render_with_workers(const job::Job& job, const std::filesystem::path& executable,
                                         const WorkersOptions& options);

}  // namespace dreamreel::farm
