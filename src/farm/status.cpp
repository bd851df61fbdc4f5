#include "done_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/farm/status_watch.h"

namespace dreamreel::farm {

const char* name_of(ChunkState state) {
  switch (state) {
    case ChunkState::done:
      return "done";
    case ChunkState::damaged:
      return "damaged";
    case ChunkState::unfinished:
      return "unfinished";
    case ChunkState::missing:
      break;
  }
  return "missing";
}

work::PartState StatusWatch::state_of(const Farm& farm, const schedule::Segment& segment) {
  Part now{work::facts_of_part(segment, farm.work, farm.job.output), work::PartState::missing};
  if (now.facts.empty()) {
    parts_.erase(segment.begin);
    return work::PartState::missing;
  }
  const auto known = parts_.find(segment.begin);
  if (known != parts_.end() && known->second.facts == now.facts) return known->second.state;
  now.state = work::part_state(farm.plan, segment, farm.work, farm.job.output.path);
  parts_[segment.begin] = now;
  return now.state;
}

ChunkStatus StatusWatch::status_of(const Farm& farm, std::size_t chunk, const std::atomic<bool>& stop) {
  ChunkStatus status;
  bool damaged = false;
  for (const auto& piece : pieces_of(farm.plan, chunk)) {
    status.frames += piece.end - piece.begin;
    for (const auto& segment : schedule::segments_of(farm.plan, piece)) {
      if (stop) throw Interrupted("the look at a farm's chunks was interrupted");
      const auto state = state_of(farm, segment);
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

std::vector<ChunkStatus> StatusWatch::look(const Farm& farm, const std::atomic<bool>& stop) {
  std::vector<ChunkStatus> all;
  for (std::size_t i = 0; i < farm.plan.chunks.size(); ++i) all.push_back(status_of(farm, i, stop));
  return all;
}

std::vector<ChunkStatus> status(const Farm& farm) {
  const std::atomic<bool> never{false};
  return StatusWatch().look(farm, never);
}

}  // namespace dreamreel::farm
