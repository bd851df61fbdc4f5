// The script of a render: what happens to each frame. Reader, dreamer and writer carry it out. They decide
// only what depends on pixels: whether a frame is held. Pure: the script depends on its arguments alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/backward.h"
#include "dreamreel/schedule/outstanding.h"

namespace dreamreel::schedule {

/// What happens to one frame.
struct FrameStep {
  enum class Action {
    pass_over,  ///< nothing; the frame need not be decoded
    /// Only the source frame is needed, because the motion to a later frame begins here or passes through.
    look,
    /// The stored dream is loaded, and the next frame leans on it; a frame that is shown is encoded as well.
    restore,
    replay,  ///< the stored frame is encoded
    dream,   ///< the ascent runs
    fill,    ///< the frame is made from the dreamed frames before and after it (temporal.every)
  };
  /// The frame of a loop's run-in towards which this frame is pulled.
  struct Pull {
    std::int64_t frame = 0;
    double weight = 0;            ///< how much this frame is its twin, in (0,1]
    bool continues_shot = false;  ///< the twin continues a shot, and leans on the frame before it
    std::int64_t shot_begin = 0;  ///< first frame of the twin's shot, within the run-in
  };

  std::int64_t frame = 0;  ///< absolute number
  Action action = Action::pass_over;
  /// The piece of the frame. A frame that is passed over has the piece of the next frame that is not.
  Piece piece;
  /// The frames whose dreams are used. Each of them is stored, or made by another step:
  /// - a dreamed frame: the dreamed frame before it, then the older ones, nearest first (temporal.memory). If
  ///   the frame is pulled, it has no older ones, but leans on the frame before its twin;
  /// - a filled-in frame: the dreamed frames before and after it; the latter comes later in the source;
  /// - a restored, replayed or recalled frame: the frame itself.
  std::vector<std::int64_t> leans_on;
  /// Set if a dreamed frame also leans on the backward dream of the same frame (temporal.passes): the pass
  /// that makes it.
  std::optional<BackwardPass> backward;
  /// The frame's dream is stored, and later frames lean on it as an older past.
  bool is_recalled = false;
  /// Later frames may lean on this frame's dream as an older past. True if the job has a memory and the frame
  /// is dreamed, restored or recalled.
  bool is_kept_in_mind = false;
  /// Set for frames that are dreamed and for stored dreamed frames, if they are pulled. Their source is
  /// dissolved into the twin's source. Later frames may lean on this source, and it shows where opacity or
  /// mask of the dream let it.
  std::optional<Pull> pull;
  bool continues_shot = false;  ///< the frame before it belongs to the same piece and was rendered
  bool is_dreamed = false;      ///< the cadence gives the frame a dream of its own, so it is not filled in
  bool needs_motion = false;    ///< the motion from the frame before it is needed
  /// The previous dream may be shown once more if the source shows the same picture. The frame then leans on
  /// that dream alone. Later frames that lean on this frame then use that dream too, under this frame's
  /// number.
  bool may_be_held = false;
  /// Later source frames are compared with this one, to decide whether they may be held.
  bool is_drawing = false;
  bool is_shown = false;  ///< the frame is part of the video
  /// In a cross-fade, how much of the shown picture is the incoming dream, in (0,1), which is made beside
  /// this one (schedule/fade.h); 0 elsewhere.
  double incoming_weight = 0;
  bool is_stored = false;  ///< an earlier run stored the frame
  /// Made only because earlier frames lean on it; its own segment is already finished.
  bool is_ahead = false;
  Segment segment;  ///< the segment that a shown frame belongs to
  bool ends_segment = false;
  /// The entries of `leans_on` that are older than the previous dream (temporal.memory).
  std::vector<std::int64_t> older_pasts() const;
  /// Half-open ranges of stored frames that no frame needs once the segment that ends here is whole.
  std::vector<Segment> forgotten;
  /// The half-open range of backward dreams of the piece that no frame needs then. Empty without any.
  Segment forgotten_backward;
};

/// One pass over the source.
struct Run {
  std::int64_t opens_at = 0;  ///< the frame at which pure feedback gets its first picture
  std::int64_t begin = 0;     ///< frame of the first step, which is the first frame of the source
  std::int64_t end = 0;       ///< the frame after the last step
  std::vector<Task> tasks;
};

/// The passes over the source that the tasks need. They are as few as possible, and the frames of each pass
/// rise.
std::vector<Run> runs_of(const job::Job& job, const Plan& plan, const std::vector<Task>& tasks);

/// The steps of one run, one step for each frame without a gap. Steps are computed one at a time, so a job as
/// long as a film takes no memory.
class Script {
 public:
  /// All references must outlive the object. With `keeps_dreams`, no stored frame is forgotten.
  Script(const job::Job& job, const Plan& plan, const Cadence& cadence, Run run, bool keeps_dreams = false);

  /// The next step; nullopt at the end.
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
