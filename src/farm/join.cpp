#include <string>

#include "done_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/farm/farm.h"
#include "dreamreel/render/join.h"
#include "dreamreel/work/stored_parts.h"

namespace dreamreel::farm {
namespace {

ChunkStatus status_of(const Farm& farm, std::size_t chunk) {
  ChunkStatus status;
  bool damaged = false;
  for (const auto& piece : pieces_of(farm.plan, chunk)) {
    status.frames += piece.end - piece.begin;
    for (const auto& segment : schedule::segments_of(farm.plan, piece)) {
      const auto state = work::part_state(farm.plan, segment, farm.work, farm.job.output.path);
      if (state == work::PartState::whole) status.frames_done += segment.end - segment.begin;
      damaged = damaged || state == work::PartState::damaged;
    }
  }
  status.holder = printable(work::lock_holder(farm.work.chunk_lock(chunk)));
  const bool done = says_done(farm, chunk);
  if (damaged)
    status.state = ChunkState::damaged;
  else if (done && status.frames_done == status.frames)
    status.state = ChunkState::done;
  else if (status.frames_done > 0 || !status.holder.empty())
    status.state = ChunkState::unfinished;
  return status;
}

void expect_all_done(const Farm& farm) {
  std::vector<std::size_t> missing, damaged;
  const auto all = status(farm);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].state == ChunkState::damaged) damaged.push_back(i);
    if (all[i].state == ChunkState::missing || all[i].state == ChunkState::unfinished) missing.push_back(i);
  }
  const std::string work = farm.work.root().string();
  if (!damaged.empty())
    throw DataError("chunks " + ranges(damaged) + " are damaged in " + work +
                    (missing.empty() ? "" : ", and chunks " + ranges(missing) + " are missing") +
                    "; render them again, then join");
  if (!missing.empty())
    throw InputError("chunks " + ranges(missing) + " are missing in " + work + "; render them, then join");
}

}  // namespace

std::vector<ChunkStatus> status(const Farm& farm) {
  std::vector<ChunkStatus> all;
  for (std::size_t i = 0; i < farm.plan.chunks.size(); ++i) all.push_back(status_of(farm, i));
  return all;
}

void join(const Farm& farm, const render::RenderOptions& asked) {
  render::RenderOptions options = asked;
  if (farm.plan.chunks.empty()) throw UsageError("this plan has no chunks: make it with dreamreel farm plan");
  expect_all_done(farm);
  work::WorkLock lock(farm.work.lock(), farm.job.output.path.string(), options.stop);
  options.stop = lock.stop();
  farm.work.expect_no_chunk_at_work(options.stop);
  if (options.progress) options.progress->activity("joining into " + farm.job.output.path.string());
  render::join_pieces(farm.job, farm.plan, farm.work, options);
  if (!options.keep_work) farm.work.remove(lock);
}

}  // namespace dreamreel::farm
