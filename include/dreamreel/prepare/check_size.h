// Whether frames are large enough to be dreamed on.
#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/model/objective_set.h"

namespace dreamreel::prepare {

/// Throws JobError if frames of this size are too small for the wanted layers.
void check_size(const job::Job& job, const model::ObjectiveSet& objectives, const media::VideoInfo& info);

}  // namespace dreamreel::prepare
