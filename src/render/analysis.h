// The first stage of the pipeline, on a thread of its own: decode, estimate flow.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "dreamreel/job/job.h"
#include "outstanding.h"
#include "source.h"
#include "twins.h"

namespace dreamreel::render {

/// A source frame with all that the dreaming needs to know about its motion.
struct AnalysedFrame {
  enum class Role {
    context,  ///< the one that the dream goes on from; its segment is finished
    stored,   ///< dreamed already, to be encoded
    dream,
  };
  Role role = Role::dream;
  media::VideoFrame frame;
  Task task;  ///< that it is for
  int shot = 0;
  bool continues_shot = false;  ///< the frame before it belongs to the same piece and was rendered
  Motion motion;
  std::optional<Twin> twin;  ///< towards which it is pulled
};

/// Pulls from `source`; one thread. Frames that no task needs are passed over.
class Analysis {
 public:
  /// `stop` may be null; once it is set, next() throws Interrupted, also while it skips to a far task. Tasks come in
  /// order. Throws DataError from next() if the source ends before they do.
  Analysis(FrameSource& source, const job::Temporal& temporal, Twins twins, std::vector<Task> tasks,
           const std::atomic<bool>* stop = nullptr);
  std::optional<AnalysedFrame> next();

 private:
  void skip_to(std::int64_t index);
  media::VideoFrame decode();
  [[noreturn]] void throw_source_ended() const;

  FrameSource& source_;
  const std::vector<Task> tasks_;
  std::size_t task_ = 0;
  const std::atomic<bool>* const stop_;
  MotionFinder motion_;
  Twins twins_;
  std::int64_t position_;  ///< index of the source's next frame
  std::optional<media::VideoFrame> previous_;
};

}  // namespace dreamreel::render
