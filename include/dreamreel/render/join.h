// Joins the parts of a plan into the finished file.
#pragma once

#include "dreamreel/render/render.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::render {

/// Joins all parts of the plan into job.output.path. Of a job with several outputs, encodes each output that
/// is not finished from the parts. The caller must hold the work folder's lock. Throws DataError or
/// InputError if a part is missing or damaged, IoError if a file cannot be written, and Interrupted.
void join_pieces(const job::Job& job, const schedule::Plan& plan, const work::WorkFolder& work,
                 const RenderOptions& options);

/// False for a single output of pictures, because pictures lie at their final place and a part only lists
/// them.
bool parts_hold_frames(const job::Job& job);

/// Whether an output of a job with several is finished, so that join_pieces() leaves it alone. `one` is the
/// output's own job (job::with_output()), `plan` the plan of all.
bool is_delivered(const job::Job& one, const schedule::Plan& plan, const work::WorkFolder& work);

}  // namespace dreamreel::render
