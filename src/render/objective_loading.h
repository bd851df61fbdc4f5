// Loads the networks and objectives of a job, on a thread that a signal can abandon.
#pragma once

#include <memory>

#include "dreamreel/media/video.h"
#include "dreamreel/render/objective_set.h"
#include "dreamreel/render/render.h"

namespace dreamreel::render {

/// Reports each network that will be loaded. `progress` may be null.
void announce_networks(const job::Job& job, ProgressSink* progress);

/// Loads the job's networks and objectives on a thread that is abandoned on a signal. Throws what
/// ObjectiveSet throws, and Interrupted.
std::shared_ptr<ObjectiveSet> load_objectives(const job::Job& job, const RenderOptions& options);

/// Throws JobError if frames of this size are too small for the wanted layers.
void check_size(const job::Job& job, const ObjectiveSet& objectives, const media::VideoInfo& info);

}  // namespace dreamreel::render
