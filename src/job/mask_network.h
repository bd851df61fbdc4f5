// Which network sees what a mask is made of, where the job leaves it open.
#pragma once

#include "dreamreel/job/job.h"
#include "problems.h"
#include "value.h"

namespace dreamreel::job {

/// Once the job is read: masks made from: person or class get their network. A person's is one of the job's that knows
/// persons alone, else the card selfie or meet, the first whose file is there. A class's is the first of the job's networks
/// that knows it; adds a problem with the cards that do, or with near names, where there is none. Adds one as well for a
/// network whose card names no layer of classes.
void fill_mask_networks(const Value& root, Job& job, const LoadOptions& options, Problems& problems);

}  // namespace dreamreel::job
