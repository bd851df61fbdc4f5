// Dreams some frames in a row as a shot of their own. It serves programs that preview a job in motion.
#pragma once

#include <memory>

#include "dreamreel/job/job.h"
#include "dreamreel/model/objective_set.h"
#include "dreamreel/render/render.h"
#include "dreamreel/schedule/loop.h"

namespace dreamreel::render {

/// Renders `options.frames`, which must have an end, into job.output.path, a pattern of numbered pictures in
/// a folder of the caller's own. The dream begins with the first of these frames, as at a cut, and is carried
/// across every other one. If the source is one shot from there on, the frames are those of a render that has
/// its cut there. `objectives` must be the job's own. `loop` is the source's loop, as open_source() takes it;
/// the last frames are not pulled towards the first ones. Throws what render() throws.
RenderResult render_shot(const job::Job& job, std::shared_ptr<model::ObjectiveSet> objectives,
                         const schedule::Loop& loop, const RenderOptions& options);

}  // namespace dreamreel::render
