// The main job: source frames in, dreamed video out. The only place that knows the order of things.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "dreamreel/core/trace.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/progress.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::render {

struct RenderOptions {
  schedule::FrameRange frames;
  std::optional<std::filesystem::path> preview;  ///< a picture rewritten atomically while rendering
  int threads = 0;                               ///< of the ascent; 0: every core this process may use
  const std::atomic<bool>* stop = nullptr;       ///< set to true from anywhere (a signal handler) to stop
  bool restart = false;                          ///< what an earlier run left is thrown away
  bool keep_work = false;                        ///< parts, and the frames at their ends, stay after the end
  bool keep_dreams = false;                      ///< as keep_work, and every dreamed frame stays as well
  bool tells_ranges =
      false;  ///< says which frames are rendered and which are kept; set where a job has changed
  ProgressSink* progress = nullptr;  ///< may be null
  /// Bytes that the render may take in all, of the GPU's memory where it runs on one; frames too large for it
  /// are dreamed in tiles. 0: what the plan in the work folder says, else 70 % of what is free. Where there
  /// is too little for tiles that change no bit, runs that are to give the same bits have to be told the
  /// same.
  std::int64_t memory = 0;
  Trace* trace = nullptr;  ///< may be null
  /// Frames of a segment, in a new plan. Tests use fewer than people would want.
  std::int64_t segment_frames = schedule::kSegmentFrames;
};

struct RenderResult {
  std::int64_t frames = 0;  ///< of earlier runs as well
  std::int64_t shots = 0;
  bool source_damaged = false;
  std::string damage;  ///< what the decoder lost, one line
};

/// Renders `job` to job.output.path, which appears only when it is whole. Three threads: decode and flow,
/// ascent (the caller's), encode; joined by bounded queues, so memory does not grow with the length of the
/// job.
///
/// State is kept in the folder "<output>.work" as the frames go, so that a render that ended in whatever way
/// goes on when render() is called again, and gives the same frames as if it had never been stopped (at an
/// equal number of threads). Where the job has changed meanwhile, what has another key by that
/// (schedule/frame_keys.h) is rendered and the rest is kept; the log says why and which. A first pass over the
/// source finds the shots. The folder is removed at the end, unless the job keeps it.
///
/// Throws any of the kinds in core/error.h; Interrupted when `stop` was set, or another process works on this
/// output; UsageError if frames do not fit into `memory` even in tiles; DataError if the work folder holds more
/// frames than are asked for, or is of an older version that knew no keys. After Interrupted a thread that cannot be stopped may still be
/// running; the process should end.
RenderResult render(const job::Job& job, const RenderOptions& options);

}  // namespace dreamreel::render
