// For a loop: reads the run-in again, so that the last frames can be cross-faded into it.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "dreamreel/carry/motion.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/schedule/script.h"

namespace dreamreel::carry {

/// The frame into which another frame turns.
struct Twin {
  media::VideoFrame frame;  ///< its source; without a picture for pure feedback
  /// Source of the frame before the twin; undefined if the twin does not continue its shot.
  at::Tensor previous_source;
  at::Tensor previous_dreamed;  ///< the stored dream of the frame before the twin; not set by Twins
  std::string note;             ///< the note stored with previous_dreamed
  bool continues_shot = false;
  std::int64_t shot_begin = 0;  ///< first frame of the twin's shot
  Motion motion;
  double weight = 0;  ///< how much the pulled frame is this twin, in (0,1]
};

/// One thread. Frames must be asked for in order.
class Twins {
 public:
  using Open = std::function<std::unique_ptr<footage::FrameSource>()>;

  /// `open` opens the job's source anew. It is called once, if a twin has to be read. It is never called for
  /// pure feedback, because its twins have no picture. `job` and `timeline` must outlive the twins.
  Twins(const schedule::Loop& loop, const job::Job& job, const footage::Timeline& timeline,
        double frames_per_second, Open open);

  /// The twin towards which a frame is pulled, with its motion if wanted.
  Twin of(const schedule::FrameStep::Pull& pull, bool wants_motion);

 private:
  void read(Twin& twin, bool wants_motion);
  media::VideoFrame decode(std::int64_t index);

  const schedule::Loop loop_;
  const bool is_feedback_;
  const double frames_per_second_;
  const Open open_;
  MotionFinder motion_;
  std::unique_ptr<footage::FrameSource> source_;
  std::int64_t position_ = 0;  // number of the source's next frame
  std::optional<media::VideoFrame> previous_;
};

}  // namespace dreamreel::carry
