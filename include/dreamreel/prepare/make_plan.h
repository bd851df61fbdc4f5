// Makes the plan of a job's render. The source is decoded once for this.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "dreamreel/job/job.h"
#include "dreamreel/report/progress.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::prepare {

struct PlanOptions {
  schedule::FrameRange range;
  /// Where the first pass is kept for other plans of the same source; "" if it is not kept.
  std::filesystem::path shots_cache;
  bool writes_cache = true;  ///< false: a first pass that is found there is used, and none is stored
  const std::atomic<bool>* stop = nullptr;
  const std::atomic<bool>* unwanted = nullptr;  ///< like `stop`; set once the plan is no longer of any use
  report::ProgressSink* progress = nullptr;     ///< may be null
  std::int64_t segment_frames = schedule::kSegmentFrames;
};

/// Decodes the source once to find its cuts. The plan has one piece for each shot, and no chunks. Throws
/// InputError if the source cannot be read, UsageError if the range holds no frame, and Interrupted.
schedule::Plan make_plan(const job::Job& job, const schedule::Facts& facts, const PlanOptions& options);

/// Computes plan.part_keys. The plan's pieces must be final. Opens the source, and analyses the sound if
/// curves read it. Throws what Timeline throws.
void set_part_keys(const job::Job& job, schedule::Plan& plan, const std::atomic<bool>* stop = nullptr);

}  // namespace dreamreel::prepare
