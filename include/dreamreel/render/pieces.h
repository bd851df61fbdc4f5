// The two halves of a render, which a farm runs on different machines: dreaming pieces of a plan into a work
// folder, and joining its parts. render() does both in turn.
#pragma once

#include <memory>
#include <vector>

#include "dreamreel/render/render.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::model {
class ObjectiveSet;
}

namespace dreamreel::render {

/// Dreams the missing frames of `pieces`, continuing where an earlier run stopped. The caller must hold the
/// lock for these pieces (WorkLock). `options.frames` is ignored, because the plan has the range. Networks
/// are loaded only if a frame has to be dreamed. `loaded` holds the job's objectives if they were loaded
/// before. Throws what render() throws, and DataError if the source ends before the plan does.
RenderResult render_pieces(const job::Job& job, const schedule::Plan& plan,
                           const std::vector<schedule::Piece>& pieces, const work::WorkFolder& work,
                           const RenderOptions& options, std::shared_ptr<model::ObjectiveSet> loaded = {});

}  // namespace dreamreel::render
