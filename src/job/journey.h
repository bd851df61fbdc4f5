// dream.journey: a way through the layers, written in one line and expanded to objectives with keyframes.
#pragma once

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

/// Reads {layers, seconds_each, crossfade, weight, loop} and appends one objective for each layer. So this
/// row must come after the row of dream.objectives. Switches dream.balance on if the job does not set it.
/// Writes nothing, because the objectives contain everything.
Row<Dream> journey_row();

/// Objectives and a journey in the same file both count. If they come from different texts, the older one is
/// removed from the tree. A file is younger than the file that it extends, and overrides are the youngest
/// texts.
void drop_older_of_objectives_and_journey(Value& root);

}  // namespace dreamreel::job
