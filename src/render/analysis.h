// The first stage of the pipeline, on a thread of its own: decode, estimate flow.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "dreamreel/core/trace.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/source.h"
#include "dreamreel/work/outstanding.h"
#include "hold.h"
#include "twins.h"

namespace dreamreel::render {

/// A source frame with all that the dreaming needs to know about its motion.
struct AnalysedFrame {
  enum class Role {
    context,  ///< the one that the dream goes on from; its segment is finished
    stored,   ///< dreamed already, to be encoded
    dream,
    ahead,  ///< dreamed only because frames before it lean on it; belongs to a segment that is finished
  };
  Role role = Role::dream;
  media::VideoFrame frame;
  work::Task task;  ///< that it is for
  int shot = 0;
  bool continues_shot = false;  ///< the frame before it belongs to the same piece and was rendered
  /// The dreamed frame whose dream this one shows; none where it is dreamed itself.
  std::optional<std::int64_t> held_from;
  Motion motion;                       ///< since the last dreamed (or held) frame
  Motion motion_ahead;                 ///< of a frame that is filled in, to the next dreamed one
  std::vector<AnalysedFrame> between;  ///< frames since the last dreamed one, to be filled in
  std::optional<Twin> twin;            ///< towards which it is pulled
};

/// Pulls from `source`; one thread. Frames that no task needs are passed over. Gives the dreamed and held frames, each with
/// those to be filled in before it.
class Analysis {
 public:
  /// `stop` may be null; once it is set, next() throws Interrupted, also while it skips to a far task. Tasks come in
  /// order. Throws DataError from next() if the source ends before they do.
  Analysis(FrameSource& source, const job::Temporal& temporal, const schedule::Cadence& cadence,
           const Hold& hold, Twins twins, std::vector<work::Task> tasks,
           const std::atomic<bool>* stop = nullptr, Trace* trace = nullptr);
  std::optional<AnalysedFrame> next();

 private:
  AnalysedFrame analyse(const work::Task& task);
  void find_drawing(AnalysedFrame& analysed);
  void find_motion(AnalysedFrame& analysed);
  void find_motion_ahead(const media::VideoFrame& dreamed);
  void begin_task();
  void skip_to(std::int64_t index);
  media::VideoFrame decode();
  [[noreturn]] void throw_source_ended() const;

  FrameSource& source_;
  const std::vector<work::Task> tasks_;
  std::size_t task_ = 0;
  bool begun_ = false;
  const std::atomic<bool>* const stop_;
  Trace* const trace_;
  const schedule::Cadence cadence_;
  const Hold hold_;
  MotionFinder motion_;
  Twins twins_;
  std::int64_t position_;                      ///< index of the source's next frame
  std::optional<media::VideoFrame> drawn_;     ///< the last one of this task that is dreamed and not held
  std::optional<media::VideoFrame> dreamed_;   ///< the last one that is dreamed or held
  std::optional<media::VideoFrame> previous_;  ///< of this task, dreamed or not
  std::vector<AnalysedFrame> between_;         ///< since dreamed_
  std::vector<std::optional<flow::FlowPair>> steps_;  ///< from frame to frame since dreamed_
  std::optional<flow::FlowPair> path_;                ///< from dreamed_ to previous_
};

}  // namespace dreamreel::render
