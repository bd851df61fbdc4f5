// The networks and objectives of a job, ready to dream.
#pragma once

#include <memory>

#include "dreamreel/media/video.h"
#include "dreamreel/render/pieces.h"
#include "objective_set.h"

namespace dreamreel::render {

/// Tells of every network that is going to be loaded. `progress` may be null.
void announce_networks(const job::Job& job, ProgressSink* progress);

/// Loads them; left behind on a signal. Throws what ObjectiveSet throws, Interrupted.
std::shared_ptr<ObjectiveSet> load_objectives(const job::Job& job, const RenderOptions& options);

/// render_pieces() with objectives that are loaded already, or null.
RenderResult render_pieces_with(std::shared_ptr<ObjectiveSet> objectives, const job::Job& job,
                                const Plan& plan, const std::vector<Piece>& pieces, const WorkFolder& work,
                                const RenderOptions& options);

/// Throws JobError if the wanted layers cannot see frames of this size.
void check_size(const job::Job& job, const ObjectiveSet& objectives, const media::VideoInfo& info);

}  // namespace dreamreel::render
