// The parts of a plan put together into the finished file.
#pragma once

#include <filesystem>

#include "dreamreel/render/render.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::render {

/// Joins all parts of the plan into job.output.path. Throws DataError or InputError for a part that is
/// missing or damaged, IoError, Interrupted.
void join_pieces(const job::Job& job, const schedule::Plan& plan, const work::WorkFolder& work,
                 const RenderOptions& options);

/// As media::parts_hold_frames().
bool parts_hold_frames(const std::filesystem::path& output);

}  // namespace dreamreel::render
