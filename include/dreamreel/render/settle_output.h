// The output that a job means where it inherited settings of another encoder.
#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/job/key_places.h"

namespace dreamreel::render {

/// The job without settings of output.video that an older text made for another encoder, which it said before
/// a younger one chose codec or container: options and pixel formats that the encoder of now lacks, a codec
/// that the container of now cannot hold. Each is told of in a warning. What is wrong in itself stays, for
/// preflight() to refuse.
job::Job settle_output(job::Job job, const job::KeyPlaces& places);

}  // namespace dreamreel::render
