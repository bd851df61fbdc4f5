// Dreams frames backward (schedule/backward.h), and keeps their dreams in the work folder, where the forward
// pass finds them. A process that goes on within a backward pass continues from the last stored frame.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dreamer.h"
#include "dreamreel/carry/backward_frames.h"
#include "dreamreel/core/trace.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::render {

/// One thread.
class BackwardDreams {
 public:
  /// What all passes share. References and pointers must outlive the object; `stop` and `trace` may be null.
  struct Context {
    const job::Job& job;
    const schedule::Plan& plan;
    const schedule::Cadence& cadence;
    const schedule::FrameKeys& keys;
    const work::WorkFolder& work;
    const footage::Timeline& timeline;
    carry::BackwardFrames::Open open;
    model::ObjectiveSet& objectives;
    dream::PassLimit limit;
    const std::atomic<bool>* stop = nullptr;
    Trace* trace = nullptr;
    std::function<void(std::int64_t frame)> on_frame;  ///< called after each frame that was dreamed
  };

  /// `info` describes the source. Throws what Dreamer throws.
  BackwardDreams(Context context, const media::VideoInfo& info);

  /// The backward dream of a frame whose step has a backward pass: (3,H,W), CPU. Dreams the missing frames of
  /// that pass first, down to this one. Frames should be asked for in rising order. Throws what Dreamer,
  /// BackwardFrames and WorkFolder throw, and whatever `observer` throws.
  at::Tensor dream_of(const schedule::FrameStep& step, const dream::StepObserver& observer);

 private:
  using Stored = work::WorkFolder::Stored;
  void complete(const schedule::FrameStep& step, const dream::StepObserver& observer);
  void dream(carry::BackwardFrames::Order order, const std::optional<Stored>& last,
             const dream::StepObserver& observer);
  std::optional<Stored> load(std::int64_t frame) const;
  const std::string& key_of(std::int64_t frame) const;

  const Context context_;
  Dreamer dreamer_;
  const std::size_t queue_length_;
  std::optional<std::pair<schedule::Piece, schedule::BackwardPass>> pass_;  // the last one
  std::int64_t lowest_ = 0;        // frame down to which it is complete
  std::vector<std::string> keys_;  // of its frames
};

}  // namespace dreamreel::render
