// Joins the parts of a plan into the finished file.
#pragma once

#include "dreamreel/render/render.h"
#include "dreamreel/schedule/plan.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::render {

/// Joins all parts of the plan into job.output.path. Of a job with several outputs, encodes each output that
/// is not finished from the parts. The caller must hold the work folder's lock. Throws DataError or
/// InputError if a part is missing or damaged, IoError if a file cannot be written, and Interrupted.
void join_pieces(const job::Job& job, const schedule::Plan& plan, const work::WorkFolder& work,
                 const RenderOptions& options);

}  // namespace dreamreel::render
