// The keys of one objective, and which kinds take which of them.
#pragma once

#include "table.h"

namespace dreamreel::job {

Table<LayerObjective> objective_table();

/// Adds a problem for each key that the objective's kind does not take, and each one it lacks. `site`: the map.
void check_objective(const Site& site, const LayerObjective& objective);

/// Adds a problem for content objectives that have nothing to stay near. `root`: the whole job.
void check_content(const Value& root, const Job& job, Problems& problems);

}  // namespace dreamreel::job
