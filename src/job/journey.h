// dream.journey: a way through the layers, written in one line and expanded to objectives with keyframes.
#pragma once

#include "table.h"

namespace dreamreel::job {

/// Reads {layers, seconds_each, crossfade, weight, loop} and appends one objective for each layer, so it stands
/// behind the row of dream.objectives; switches dream.balance on where the job says nothing of it. Writes
/// nothing: the objectives say it all.
Row<Dream> journey_row();

/// Objectives and a journey in one file both count. Of one that stands in a file and the other in a file that
/// this one extends, the older goes; overrides are the youngest of all. Takes what goes out of the tree.
void drop_older_of_objectives_and_journey(Value& root);

/// Adds a problem where a job says neither.
void check_objectives(const Value& root, Problems& problems);

}  // namespace dreamreel::job
