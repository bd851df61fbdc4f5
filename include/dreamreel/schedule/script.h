// The script of a render: what happens to each frame. Reader, dreamer and writer carry it out and decide nothing, but for
// what depends on pixels (whether a frame is held). Pure: the script depends on its arguments alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/outstanding.h"

namespace dreamreel::schedule {

/// What happens to one frame.
struct FrameStep {
  enum class Action {
    pass_over,  ///< nothing; the frame need not be decoded
    look,  ///< the source frame is needed, because the motion to a later frame leads over it or begins there
    restore,  ///< the stored dream becomes what the next frame leans on; a frame that is shown is encoded as well
    replay,  ///< the stored frame is encoded
    dream,   ///< the ascent runs
    fill,    ///< made from the dreamed frames before and after it (temporal.every)
  };
  /// The frame of a loop's run-in that this frame is pulled towards.
  struct Pull {
    std::int64_t frame = 0;
    double weight = 0;            ///< how far this frame is that one, above 0
    bool continues_shot = false;  ///< the twin, which then leans on the frame before it
  };

  std::int64_t frame = 0;  ///< absolute number
  Action action = Action::pass_over;
  Piece piece;  ///< that it belongs to; of a frame that is passed over, of the next frame that is not
  /// The frames whose dreams are used, each of them stored or made by another step: of a dreamed frame the dreamed one before
  /// it, then either older ones, nearest first (temporal.memory), or where it is pulled the one before its twin; of one that is
  /// filled in the dreamed ones before and after it, of which the second comes later in the source; of restore,
  /// replay and what is recalled the frame itself.
  std::vector<std::int64_t> leans_on;
  /// Its dream is stored, and is one of the older ones that frames to come lean on.
  bool is_recalled = false;
  /// Frames to come may lean on its dream as an older one: it is dreamed, restored or recalled, and there is a memory.
  bool is_kept_in_mind = false;
  /// Of frames that are dreamed, and of dreamed ones that are stored: their source, which is dissolved into the twin's, may
  /// be leaned on by what comes after, and shows where the dream's opacity or mask lets it.
  std::optional<Pull> pull;
  bool continues_shot = false;  ///< the frame before it belongs to the same piece and was rendered
  bool is_dreamed = false;      ///< by the cadence: a frame of its own dream, not one to be filled in
  bool needs_motion = false;    ///< from the frame before it
  /// The dream of the dreamed frame before it may be shown once more, if the source shows the same picture. The frame then
  /// leans on that dream alone, and what leans on the frame leans on that dream as well, under this frame's number.
  bool may_be_held = false;
  bool is_drawing =
      false;  ///< what comes after is compared with this source frame, to see whether it may be held
  bool is_shown = false;   ///< part of the video
  bool is_stored = false;  ///< by an earlier run
  bool is_ahead = false;   ///< made only because frames before it lean on it: its segment is there already
  Segment segment;         ///< that a shown frame belongs to
  bool ends_segment = false;
  /// Of those that it leans on, the older ones.
  std::vector<std::int64_t> older_pasts() const;
  /// Stored frames that nobody needs any more once the segment that ends here is whole; half-open.
  std::vector<Segment> forgotten;
};

/// One pass over the source.
struct Run {
  std::int64_t opens_at = 0;  ///< the frame at which pure feedback is given its first picture
  std::int64_t begin = 0;     ///< the first step's frame: the source's first one
  std::int64_t end = 0;       ///< after the last step's
  std::vector<Task> tasks;
};

/// The passes that the tasks need: as few as possible, each with frames in rising order.
std::vector<Run> runs_of(const job::Job& job, const Plan& plan, const std::vector<Task>& tasks);

/// The steps of one run, one a frame without a gap. They are worked out one by one, so that a job as long as a film takes
/// no memory.
class Script {
 public:
  /// All references must outlive it. `keeps_dreams`: no stored frame is forgotten.
  Script(const job::Job& job, const Plan& plan, const Cadence& cadence, Run run, bool keeps_dreams = false);

  /// nullopt at the end.
  std::optional<FrameStep> next();
  std::int64_t end() const { return run_.end; }

 private:
  FrameStep step_of(const Task& task, std::int64_t frame) const;
  void lean(const Task& task, FrameStep& step) const;
  void close_segment(FrameStep& step) const;
  std::optional<FrameStep::Pull> pull_of(std::int64_t frame) const;

  const job::Job& job_;
  const Plan& plan_;
  const Cadence& cadence_;
  const Run run_;
  const bool keeps_dreams_;
  std::size_t task_ = 0;
  std::int64_t position_;
};

}  // namespace dreamreel::schedule
