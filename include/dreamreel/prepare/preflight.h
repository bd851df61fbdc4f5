// All checks of a job that are possible before its first frame. `check`, `render` and `farm plan` all call
// preflight(), so they accept and refuse the same jobs.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/report/faults.h"
#include "dreamreel/report/progress.h"
#include "dreamreel/schedule/loop.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::model {
class ObjectiveSet;
}

namespace dreamreel::prepare {

struct PreflightOptions {
  schedule::FrameRange frames;
  /// Networks are loaded too, to check their layers, channels and classes. A render sets this to false,
  /// because it loads its networks beside the first pass. Networks are then loaded only if another fault was
  /// found, so that one run tells all faults. Networks are never loaded if the source or a mask cannot be
  /// opened, or if the job asks for something that strangers' files may not have.
  bool with_networks = true;
  /// The job will be rendered by other machines: its device need not be here.
  bool elsewhere = false;
  /// The output is tried at its final place, which creates its folder. Otherwise nothing is created there.
  bool in_place = false;
  const std::atomic<bool>* stop = nullptr;
  report::ProgressSink* progress = nullptr;  ///< may be null
};

struct Preflight {
  media::VideoInfo info;  ///< describes the source
  schedule::Loop loop;
  std::optional<footage::Timeline> timeline;  ///< timeline of the source; refers to the job
  /// Set if with_networks and not elsewhere; refers to its own copy of the job.
  std::shared_ptr<model::ObjectiveSet> objectives;
};

/// Opens everything that the job names (source, sound, masks, encoder, container, networks), and logs what
/// will be lost. Throws FaultsError with all faults, and Interrupted. Two questions stay open, because only a
/// first pass over the source can answer them: whether the source is damaged, and whether the range lies
/// within it.
Preflight preflight(const job::Job& job, const PreflightOptions& options);

}  // namespace dreamreel::prepare
