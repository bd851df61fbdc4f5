// Everything about a job that can be known before its first frame, asked in one place: `check`, `render` and
// `farm plan` all call it, so that none of them lets through what another refuses.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/render/faults.h"
#include "dreamreel/render/progress.h"
#include "dreamreel/render/timeline.h"
#include "dreamreel/schedule/loop.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::render {

class ObjectiveSet;

struct PreflightOptions {
  schedule::FrameRange frames;
  /// Networks are loaded too, for their layers, channels and classes. A render loads them itself, beside its
  /// first pass; without this they are looked at only where something else is wrong, so that all is told. They
  /// are never looked at where the source or a mask cannot be opened, or the job asks for what strangers may not.
  bool with_networks = true;
  /// The job will be rendered by other machines: its device need not be here.
  bool elsewhere = false;
  /// The output is tried where it will stand, which makes its folder; else nothing is created there.
  bool in_place = false;
  const std::atomic<bool>* stop = nullptr;
  ProgressSink* progress = nullptr;  ///< may be null
};

struct Preflight {
  media::VideoInfo info;  ///< of the source
  schedule::Loop loop;
  std::optional<Timeline> timeline;          ///< of the source; refers to the job
  std::shared_ptr<ObjectiveSet> objectives;  ///< with_networks, and not elsewhere; refers to its own job
};

/// Opens what the job names (source, sound, masks, encoder, container, networks) and logs what will be lost.
/// Throws FaultsError with everything that is wrong, Interrupted. What only a first pass over the source can
/// tell is not asked: damage, and whether the range lies within it.
Preflight preflight(const job::Job& job, const PreflightOptions& options);

}  // namespace dreamreel::render
