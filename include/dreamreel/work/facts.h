// Reads the files that a job names, for their fingerprints.
#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::work {

/// Throws InputError if a file cannot be read, and UnavailableError if a network's file is missing.
schedule::Facts facts_of(const job::Job& job, const schedule::FrameRange& range);

}  // namespace dreamreel::work
