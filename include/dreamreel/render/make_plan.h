// A plan of a job's render, for which the source is decoded once.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "dreamreel/job/job.h"
#include "dreamreel/render/progress.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::render {

struct PlanOptions {
  schedule::FrameRange range;
  std::filesystem::path
      shots_cache;  ///< where the first pass is kept for a plan of the same source; "" for nowhere
  const std::atomic<bool>* stop = nullptr;
  const std::atomic<bool>* unwanted = nullptr;  ///< as `stop`: set once no plan is of any use
  ProgressSink* progress = nullptr;             ///< may be null
  std::int64_t segment_frames = schedule::kSegmentFrames;
};

/// Decodes the source once for its cuts. One piece a shot, no chunks. Throws InputError, UsageError for a
/// range without a frame, Interrupted.
schedule::Plan make_plan(const job::Job& job, const schedule::Facts& facts, const PlanOptions& options);

/// Works out plan.part_keys, once the plan's pieces are what they will be. Opens the source, and listens to the sound where
/// curves read it. Throws what Timeline throws.
void set_part_keys(const job::Job& job, schedule::Plan& plan, const std::atomic<bool>* stop = nullptr);

}  // namespace dreamreel::render
