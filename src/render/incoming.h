// The incoming dream of a cross-fade (schedule/fade.h). It is made beside the outgoing dream, from the first
// frame of the fade on, with a reader, a motion and a dreamer of its own. Nothing of it is stored: a process
// that goes on within a fade makes it again from the fade's first frame, with the same bits.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "dreamer.h"
#include "dreamreel/carry/analysis.h"
#include "dreamreel/carry/hold.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/schedule/fade.h"

namespace dreamreel::render {

/// One thread.
class Incoming {
 public:
  using Open = std::function<std::unique_ptr<footage::FrameSource>(std::int64_t first_frame)>;

  /// `job` is the job of the plan, whose curves change at the fade's cut. All references must outlive the
  /// object. `open` opens the source anew. Throws what Dreamer throws.
  Incoming(const job::Job& job, const schedule::Plan& plan, const schedule::Fade& fade,
           const schedule::Cadence& cadence, const footage::Timeline& timeline, const Open& open,
           model::ObjectiveSet& objectives, const dream::PassLimit& limit, const std::atomic<bool>* stop,
           Trace* trace);

  /// The frame of the incoming dream, with its own opacity and mask. Frames must be asked for in rising
  /// order. Throws what Dreamer and Analysis throw, and whatever `observer` throws.
  DreamedFrame frame_of(std::int64_t frame, const dream::StepObserver& observer);
  /// The last dreamed frame so far, from which the dream goes on behind the fade; null before the first one.
  struct Last {
    std::int64_t frame = 0;
    DreamedFrame dreamed;
  };
  const Last* last() const { return last_ ? &*last_ : nullptr; }

 private:
  void go_on(const dream::StepObserver& observer);

  std::unique_ptr<footage::FrameSource> source_;
  Dreamer dreamer_;
  carry::Hold hold_;
  carry::Analysis analysis_;
  std::optional<Last> last_;
  std::map<std::int64_t, DreamedFrame> pictures_;  // frames that were made and not asked for yet
};

}  // namespace dreamreel::render
