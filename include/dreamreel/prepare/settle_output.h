// Removes output settings that a job inherited for another encoder.
#pragma once

#include "dreamreel/job/job.h"
#include "dreamreel/settings/key_places.h"

namespace dreamreel::prepare {

/// Returns the job without settings of output.video, or of `video` in one of `outputs`, that no longer fit.
/// Such a setting comes from an older text (a look or an extended file), and a younger text has chosen
/// another codec or container since. Options and pixel formats go if the present encoder lacks them, and so
/// does a codec that the present container cannot hold. A warning names each removed setting. Settings that
/// are wrong in themselves stay; preflight() refuses them.
job::Job settle_output(job::Job job, const settings::KeyPlaces& places);

}  // namespace dreamreel::prepare
