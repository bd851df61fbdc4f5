// Renders a job: source frames in, dreamed video out. This is the only place that knows the order of all
// stages.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "dreamreel/core/trace.h"
#include "dreamreel/job/job.h"
#include "dreamreel/report/progress.h"
#include "dreamreel/schedule/plan.h"
#include "dreamreel/schedule/ranges.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::render {

struct RenderOptions {
  schedule::FrameRange frames;
  /// Path of a picture that is rewritten atomically while rendering.
  std::optional<std::filesystem::path> preview;
  int threads = 0;  ///< threads of the ascent; 0: every core that this process may use
  /// Any thread or a signal handler may set it to true to stop the render.
  const std::atomic<bool>* stop = nullptr;
  bool restart = false;      ///< true: everything that an earlier run left is thrown away
  bool keep_work = false;    ///< true: parts, and the frames at their ends, stay after the render
  bool keep_dreams = false;  ///< like keep_work, and every dreamed frame stays as well
  /// True: the log tells which frames are rendered and which are kept. Set if the job has changed.
  bool tells_ranges = false;
  report::ProgressSink* progress = nullptr;  ///< may be null
  /// Bytes that the whole render may take; for a GPU, bytes of its memory. Frames that are too large for the
  /// limit are dreamed in tiles. 0 stands for the limit in the work folder's plan, or for 70 % of the free
  /// memory if the plan has none. Very small limits lead to tiles that change the last bits of a result. Runs
  /// that must give the same bits then need the same limit.
  std::int64_t memory = 0;
  Trace* trace = nullptr;  ///< may be null
  /// Frames in a segment of a new plan. Only tests set a smaller number.
  std::int64_t segment_frames = schedule::kSegmentFrames;
};

struct RenderResult {
  std::int64_t frames = 0;  ///< including frames of earlier runs
  std::int64_t shots = 0;
  bool source_damaged = false;
  std::string damage;  ///< what the decoder lost, on one line
};

/// Renders `job` to job.output.path, and then to its further outputs. A file appears only when it is whole.
/// Three threads share the work: decoding and flow, ascent (the caller's thread), encoding. Bounded queues
/// join them, so memory does not grow with the length of the job.
///
/// The folder "<output>.work" keeps the state while frames are made. If a render ends early in whatever way,
/// another call of render() continues it. The result has the same frames as an uninterrupted render with the
/// same number of threads. The job may change in between. Frames whose keys change (schedule/frame_keys.h)
/// are then rendered again, all others are kept, and the log gives the reasons. A first pass over the source
/// finds the shots. The folder is removed at the end, unless the job keeps it.
///
/// Throws any of the kinds in core/error.h. Interrupted means that `stop` was set, or that another process
/// works on this output. UsageError means that frames do not fit into `memory` even in tiles. DataError means
/// that the work folder holds more frames than asked for, or comes from a version without keys. After
/// Interrupted, a thread that cannot be stopped may still be running, so the process should end.
RenderResult render(const job::Job& job, const RenderOptions& options);

/// Returns the plan in the work folder if it was made of the same job, source, network and version. Otherwise
/// makes a new plan and stores it there. `lock` must be the folder's lock. Throws what render() throws before
/// its first frame. In that case, a folder without a plan is removed, with all files of a render in it.
schedule::Plan prepare_plan(const job::Job& job, const work::WorkFolder& work, work::WorkLock& lock,
                            const RenderOptions& options);

}  // namespace dreamreel::render
