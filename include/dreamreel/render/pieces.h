// The two halves of a render that a farm runs on different machines: dreaming pieces of a plan into a work
// folder, and joining what lies there. render() does the one after the other.
#pragma once

#include <filesystem>
#include <vector>

#include "dreamreel/render/render.h"
#include "dreamreel/render/work_folder.h"

namespace dreamreel::render {

/// Dreams what is still missing of `pieces`, and goes on where an earlier run was stopped. The caller holds
/// the right to work on them (WorkLock). `options.frames` is not looked at: the plan has the range. Loads the
/// network only if there is something to dream. Throws what render() throws; DataError if the source ends
/// before the plan does.
RenderResult render_pieces(const job::Job& job, const Plan& plan, const std::vector<Piece>& pieces,
                           const WorkFolder& work, const RenderOptions& options);

/// Whether every part of the pieces is there and whole; reads them all.
bool pieces_are_done(const Plan& plan, const std::vector<Piece>& pieces, const WorkFolder& work,
                     const std::filesystem::path& output);

enum class PartState { whole, missing, damaged };

/// Reads the part of a segment. Damaged is also what belongs to another plan; a warning says why.
PartState part_state(const Plan& plan, const Segment& segment, const WorkFolder& work,
                     const std::filesystem::path& output);

/// The plan in the work folder, if it was made of the same job, source, network and version, else a new one
/// that is put there. `lock` is the folder's. Throws what render() throws before its first frame; a folder
/// without a plan is then removed with all that is a render's in it.
Plan prepare_plan(const job::Job& job, const WorkFolder& work, WorkLock& lock, const RenderOptions& options);

/// Joins all parts of the plan into job.output.path. Throws DataError or InputError for a part that is
/// missing or damaged, IoError, Interrupted.
void join_pieces(const job::Job& job, const Plan& plan, const WorkFolder& work, const RenderOptions& options);

/// As media::parts_hold_frames().
bool parts_hold_frames(const std::filesystem::path& output);

}  // namespace dreamreel::render
