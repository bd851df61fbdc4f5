// The two halves of a render that a farm runs on different machines: dreaming pieces of a plan into a work
// folder, and joining what lies there. render() does the one after the other.
#pragma once

#include <memory>
#include <vector>

#include "dreamreel/render/render.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::render {

class ObjectiveSet;

/// Dreams what is still missing of `pieces`, and goes on where an earlier run was stopped. The caller holds
/// the right to work on them (WorkLock). `options.frames` is not looked at: the plan has the range. Loads the
/// network only if there is something to dream. Throws what render() throws; DataError if the source ends
/// before the plan does. `loaded`: the objectives of the job where they have been loaded already.
RenderResult render_pieces(const job::Job& job, const schedule::Plan& plan,
                           const std::vector<schedule::Piece>& pieces, const work::WorkFolder& work,
                           const RenderOptions& options, std::shared_ptr<ObjectiveSet> loaded = {});

/// The plan in the work folder, if it was made of the same job, source, network and version, else a new one
/// that is put there. `lock` is the folder's. Throws what render() throws before its first frame; a folder
/// without a plan is then removed with all that is a render's in it.
schedule::Plan prepare_plan(const job::Job& job, const work::WorkFolder& work, work::WorkLock& lock,
                            const RenderOptions& options);

}  // namespace dreamreel::render
