// The first stage of the pipeline, on a thread of its own: carries the script out as far as the source is concerned. It
// decodes, estimates flow and sees which frames are held.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "dreamreel/core/trace.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/source.h"
#include "dreamreel/schedule/script.h"
#include "hold.h"
#include "twins.h"

namespace dreamreel::render {

/// A source frame with all that the dreaming needs to know about its motion.
struct AnalysedFrame {
  schedule::FrameStep step;
  media::VideoFrame frame;
  /// The dreamed frame whose dream this one shows; none where it is dreamed itself.
  std::optional<std::int64_t> held_from;
  Motion motion;                       ///< since the last dreamed (or held) frame
  Motion motion_ahead;                 ///< of a frame that is filled in, to the next dreamed one
  std::vector<AnalysedFrame> between;  ///< the frames since the last dreamed one
  std::optional<Twin> twin;            ///< towards which it is pulled
};

/// Pulls from `source`; one thread. Frames that are passed over do not come out. Gives the dreamed and held frames, each with
/// the frames before it that are not dreamed.
class Analysis {
 public:
  /// `script` is of this pass over the source. `stop` may be null; once it is set, next() throws Interrupted, also while it
  /// passes over frames. Throws DataError from next() if the source ends before the script does.
  Analysis(FrameSource& source, const job::Temporal& temporal, const Hold& hold, Twins twins,
           schedule::Script script, const std::atomic<bool>* stop = nullptr, Trace* trace = nullptr);
  std::optional<AnalysedFrame> next();

 private:
  AnalysedFrame analyse(schedule::FrameStep step);
  void find_drawing(AnalysedFrame& analysed);
  void find_motion(AnalysedFrame& analysed);
  void find_motion_ahead(const media::VideoFrame& dreamed);
  void pass_over(std::int64_t count, std::int64_t next);
  media::VideoFrame decode(std::int64_t index);
  [[noreturn]] void throw_source_ended(std::int64_t index) const;

  FrameSource& source_;
  schedule::Script script_;
  const std::atomic<bool>* const stop_;
  Trace* const trace_;
  const Hold hold_;
  MotionFinder motion_;
  Twins twins_;
  std::optional<media::VideoFrame> drawn_;            ///< the last one that is dreamed and not held
  std::optional<media::VideoFrame> dreamed_;          ///< the last one that is dreamed or held
  std::optional<media::VideoFrame> previous_;         ///< the last one, dreamed or not
  std::vector<AnalysedFrame> between_;                ///< since dreamed_
  std::vector<std::optional<flow::FlowPair>> steps_;  ///< from frame to frame since dreamed_
  std::optional<flow::FlowPair> path_;                ///< from dreamed_ to previous_
};

}  // namespace dreamreel::render
