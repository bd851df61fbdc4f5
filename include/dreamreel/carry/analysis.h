// The first stage of the pipeline, on a thread of its own. It carries out the script for the source:
// decoding, estimating flow, and finding the frames that are held.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "dreamreel/carry/deepen.h"
#include "dreamreel/carry/hold.h"
#include "dreamreel/carry/recall.h"
#include "dreamreel/carry/twins.h"
#include "dreamreel/core/trace.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/schedule/script.h"

namespace dreamreel::carry {

/// A source frame, with everything about its motion that dreaming needs.
struct AnalysedFrame {
  schedule::FrameStep step;
  media::VideoFrame frame;
  /// The dreamed frame whose dream this frame shows; empty if this frame is dreamed itself.
  std::optional<std::int64_t> held_from;
  Motion motion;                            ///< motion since the last dreamed (or held) frame
  Motion motion_ahead;                      ///< for a filled-in frame: motion to the next dreamed frame
  std::vector<Recollection> recollections;  ///< where that motion cannot be trusted, nearest first
  FreshPlaces fresh;                        ///< where no past can be trusted
  /// Of a frame that leans on its backward dream: (1,H,W) in [0,1], the share of each place that neither
  /// motion nor recollections give anything to. Undefined: nothing is open, unless the frame begins a shot.
  at::Tensor open;
  at::Tensor backward;                 ///< the backward dream of the frame, (3,H,W), CPU; not set by Analysis
  std::vector<AnalysedFrame> between;  ///< the frames since the last dreamed frame
  /// In a backward pass: frames whose masks are read together, rising, before this frame is dreamed. This
  /// frame is one of them.
  std::vector<media::VideoFrame> block;
  std::optional<Twin> twin;  ///< the frame of a run-in towards which this frame is pulled
};

/// Reads from `source`; one thread. Returns the dreamed and held frames, each with the filled-in frames
/// before it. Frames that are passed over are not returned.
class Analysis {
 public:
  /// `script` belongs to this pass over the source. `stop` may be null. Once it is set, next() throws
  /// Interrupted, also while it passes over frames. next() throws DataError if the source ends before the
  /// script does. `timeline` must outlive it.
  Analysis(footage::FrameSource& source, const job::Temporal& temporal, const footage::Timeline& timeline,
           const Hold& hold, Twins twins, schedule::Script script, const std::atomic<bool>* stop = nullptr,
           Trace* trace = nullptr);
  std::optional<AnalysedFrame> next();

 private:
  AnalysedFrame analyse(schedule::FrameStep step);
  void find_drawing(AnalysedFrame& analysed);
  void find_motion(AnalysedFrame& analysed);
  void look_back(AnalysedFrame& analysed);
  void find_motion_ahead(const media::VideoFrame& dreamed);
  void pass_over(std::int64_t count, std::int64_t next);
  media::VideoFrame decode(std::int64_t index);
  [[noreturn]] void throw_source_ended(std::int64_t index) const;

  footage::FrameSource& source_;
  schedule::Script script_;
  const std::atomic<bool>* const stop_;
  Trace* const trace_;
  const Hold hold_;
  MotionFinder motion_;
  Twins twins_;
  Recall recall_;
  const bool deepens_, shows_maps_;
  std::optional<media::VideoFrame> drawn_;            ///< the last frame that is dreamed and not held
  std::optional<media::VideoFrame> dreamed_;          ///< the last frame that is dreamed or held
  std::optional<media::VideoFrame> previous_;         ///< the last frame, dreamed or not
  std::vector<AnalysedFrame> between_;                ///< the frames since dreamed_
  std::vector<std::optional<flow::FlowPair>> flows_;  ///< flow from each frame to the next, since dreamed_
  std::optional<flow::FlowPair> path_;                ///< flow from dreamed_ to previous_
};

}  // namespace dreamreel::carry
