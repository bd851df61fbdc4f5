// For a loop: reads the run-in again, so that the last frames can be cross-faded into it.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "dreamreel/render/source.h"
#include "dreamreel/schedule/script.h"
#include "motion.h"

namespace dreamreel::render {

/// The frame that another one turns into.
struct Twin {
  media::VideoFrame frame;      ///< its source; no picture for pure feedback
  at::Tensor previous_source;   ///< of the frame before; undefined where it does not continue its shot
  at::Tensor previous_dreamed;  ///< the same, as stored; not set by Twins
  std::string note;             ///< stored with it
  bool continues_shot = false;
  Motion motion;
  double weight = 0;  ///< how far the other frame is this one, above 0
};

/// One thread; frames are asked for in order.
class Twins {
 public:
  using Open = std::function<std::unique_ptr<FrameSource>()>;

  /// `open` gives the job's source anew; it is called once, if there is a twin to be read. Never for pure feedback, whose
  /// twins have no picture.
  Twins(const schedule::Loop& loop, const job::Job& job, double frames_per_second, Open open);

  /// The twin that a frame is pulled towards, with its motion if that is wanted.
  Twin of(const schedule::FrameStep::Pull& pull, bool wants_motion);

 private:
  void read(Twin& twin, bool wants_motion);
  media::VideoFrame decode(std::int64_t index);

  const schedule::Loop loop_;
  const bool is_feedback_;
  const double frames_per_second_;
  const Open open_;
  MotionFinder motion_;
  std::unique_ptr<FrameSource> source_;
  std::int64_t position_ = 0;  // index of the source's next frame
  std::optional<media::VideoFrame> previous_;
};

}  // namespace dreamreel::render
