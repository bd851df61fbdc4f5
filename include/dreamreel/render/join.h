// Joins the parts of a plan into the finished file.
#pragma once

#include <filesystem>

#include "dreamreel/render/render.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::render {

/// Joins all parts of the plan into job.output.path. Throws DataError or InputError if a part is missing or
/// damaged, IoError if the file cannot be written, and Interrupted.
void join_pieces(const job::Job& job, const schedule::Plan& plan, const work::WorkFolder& work,
                 const RenderOptions& options);

/// See media::parts_hold_frames().
bool parts_hold_frames(const std::filesystem::path& output);

}  // namespace dreamreel::render
