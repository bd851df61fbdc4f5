// The last stage of the pipeline, on a thread of its own. It stores each dreamed frame and encodes it into
// the part of its segment. Once the part is whole, it removes the stored frames.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>

#include "dreamreel/core/bounded_queue.h"
#include "dreamreel/core/trace.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/schedule/script.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::render {

struct FinishedFrame {
  media::VideoFrame frame;  ///< its picture is the output
  at::Tensor dreamed;
  schedule::FrameStep step;  ///< step of a shown frame
  std::string note{};        ///< see DreamedFrame::note
};

/// Writes a picture now and then, so that a person can watch the render.
class Preview {
 public:
  Preview(std::optional<std::filesystem::path> path, const media::VideoInfo& info);
  void show(const media::VideoFrame& frame);

 private:
  std::optional<std::filesystem::path> path_;
  media::VideoInfo info_;
  std::optional<std::chrono::steady_clock::time_point> shown_;
};

class SegmentWriter {
 public:
  /// All references must outlive the object. `options` are the options of the whole output, or of the first
  /// of several; then `format` is lossless. If the plan is an
  /// excerpt, pts of frames count from plan.first_pts. Parts carry the text `machine`.
  SegmentWriter(const schedule::Plan& plan, const schedule::FrameKeys& keys, const work::WorkFolder& work,
                const media::WriterOptions& options, media::PartFormat format, const std::string& machine,
                const media::VideoInfo& info, Preview preview, const std::atomic<bool>* stop,
                Trace* trace = nullptr);
  /// Waits for the frame being encoded. Queued frames are still stored, so that no dream is lost.
  ~SegmentWriter();

  /// Frames of a segment must come in order, segments in any order. Blocks while the encoder is behind.
  /// Throws the encoder's failure.
  void write(FinishedFrame frame);
  /// Waits until everything is written. Throws the encoder's failure, and Interrupted.
  void finish();

 private:
  void run();
  void take(FinishedFrame& finished);
  void close_part(const schedule::FrameStep& last);
  void rethrow();
  bool is_stopped() const { return abandoned_ || (stop_ != nullptr && stop_->load()); }

  const schedule::Plan& plan_;
  const schedule::FrameKeys& keys_;
  const work::WorkFolder& work_;
  const media::WriterOptions& options_;
  const media::PartFormat format_;
  const std::string machine_;
  const media::VideoInfo& info_;
  Preview preview_;
  const std::atomic<bool>* const stop_;
  Trace* const trace_;
  std::atomic<bool> abandoned_{false};
  std::optional<media::PartWriter> part_;
  BoundedQueue<FinishedFrame> queue_;
  std::exception_ptr failure_;  // written by the thread, read after joining it
  std::jthread thread_;
};

}  // namespace dreamreel::render
