// The files that a job names, read for their fingerprints.
#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::work {

/// Throws InputError, UnavailableError.
schedule::Facts facts_of(const job::Job& job, const schedule::FrameRange& range);

}  // namespace dreamreel::work
