// Loads the networks and objectives of a job, in a way that a signal can end.
#pragma once

#include <memory>

#include "dreamreel/media/video.h"
#include "dreamreel/render/objective_set.h"
#include "dreamreel/render/render.h"

namespace dreamreel::render {

/// Tells of every network that is going to be loaded. `progress` may be null.
void announce_networks(const job::Job& job, ProgressSink* progress);

/// Loads them; left behind on a signal. Throws what ObjectiveSet throws, Interrupted.
std::shared_ptr<ObjectiveSet> load_objectives(const job::Job& job, const RenderOptions& options);

/// Throws JobError if the wanted layers cannot see frames of this size.
void check_size(const job::Job& job, const ObjectiveSet& objectives, const media::VideoInfo& info);

}  // namespace dreamreel::render
