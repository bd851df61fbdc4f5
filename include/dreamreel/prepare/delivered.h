// Which outputs of a job with several are finished (work/deliveries.h).
#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/plan.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::prepare {

/// Whether an output of a job with several is finished, so that join_pieces() leaves it alone. `one` is the
/// output's own job (job::with_output()), `plan` the plan of all.
bool is_delivered(const job::Job& one, const schedule::Plan& plan, const work::WorkFolder& work);

/// Notes that the output is finished.
void note_delivered(const job::Job& one, const schedule::Plan& plan, const work::WorkFolder& work);

}  // namespace dreamreel::prepare
