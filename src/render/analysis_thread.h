// Runs the analysis of source frames (carry/analysis.h) on a thread of its own, a few frames ahead of the
// ascent.
#pragma once

#include <optional>
#include <thread>

#include "dreamreel/carry/analysis.h"
#include "dreamreel/core/bounded_queue.h"
#include "dreamreel/core/trace.h"
#include "dreamreel/render/render.h"

namespace dreamreel::render {

class AnalysisThread {
 public:
  /// Makes a carry::Analysis of all arguments but the last. `source` and `timeline` must outlive the object.
  AnalysisThread(footage::FrameSource& source, const job::Temporal& temporal,
                 const footage::Timeline& timeline, const carry::Hold& hold, carry::Twins twins,
                 schedule::Script script, const RenderOptions& options);
  /// Waits until the frame in work is analysed.
  ~AnalysisThread();

  /// The next frame that the ascent needs; nullopt at the end of the script. Waits for the frame. Throws what
  /// Analysis throws.
  std::optional<carry::AnalysedFrame> next();

 private:
  void run();

  BoundedQueue<carry::AnalysedFrame> queue_;
  Trace* const trace_;
  carry::Analysis analysis_;
  std::jthread thread_;  // last, so that it joins before the queue is destroyed
};

}  // namespace dreamreel::render
