// The last stage of the pipeline, on a thread of its own: stores each dreamed frame, encodes it into its segment's part,
// and lets go of the stored frames once the part is whole.
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
  schedule::FrameStep step;  ///< of a frame that is shown
  std::string note{};        ///< DreamedFrame::note
};

/// Writes a picture now and then, so that a person can look while the render runs.
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
  /// All references must outlive it. `options` are the whole output's; pts of frames count from plan.first_pts where the
  /// plan is an excerpt. Parts say that they were made on `machine`.
  SegmentWriter(const schedule::Plan& plan, const schedule::FrameKeys& keys, const work::WorkFolder& work,
                const media::WriterOptions& options, const std::string& machine, const media::VideoInfo& info,
                Preview preview, const std::atomic<bool>* stop, Trace* trace = nullptr);
  /// Waits for the frame under way. What is queued is still stored, so that nothing dreamed is lost.
  ~SegmentWriter();

  /// Frames of a segment come in order, segments in any. Blocks while the encoder is behind; throws its failure.
  void write(FinishedFrame frame);
  /// Waits until everything is written. Throws the encoder's failure, Interrupted.
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
