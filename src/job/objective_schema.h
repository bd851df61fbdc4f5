// The keys of one objective, and the kinds that take each of them.
#pragma once

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

/// Range of weights. Larger weights would only lose the others in rounding.
inline constexpr Range kWeights{-1e6, 1e6};

Table<LayerObjective> objective_table();

/// Adds a problem for each key that the objective's kind does not take, and for each missing key. `site` is
/// the map.
void check_objective(const Site& site, const LayerObjective& objective);

/// Adds a problem for content objectives without a picture to stay near. `root` is the whole job.
void check_content(const Value& root, const Job& job, Problems& problems);

}  // namespace dreamreel::job
