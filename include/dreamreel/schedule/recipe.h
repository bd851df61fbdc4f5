// What a job says that holds for all of its frames, sorted by what it matters to. What a job says of each frame, the
// values of its curves, is in schedule/frame_keys.h. Pure.
#pragma once

#include <string>

#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {

/// Whether a whole dream's mask and opacity lie in what is stored of a dream: a mask that confines the dream does, and
/// where pictures of the source are missing, nothing but the ascent's own start lies under the dream.
bool mask_is_dreamed(const job::Job& job);
bool opacity_is_dreamed(const job::Job& job);

/// Whether curves read the sound at times that the plan does not know (Plan::has_times), so that their values
/// cannot tell which sound it was.
bool hears_at_unknown_times(const job::Job& job, const Plan& plan);

/// Each as YAML of a job in which everything else has one fixed value, the places of files among it. Curves are left out,
/// except where Plan::has_times is false.
struct Recipe {
  std::string dream, shown, encoding;
};

Recipe recipe_of(const job::Job& job, const Plan& plan);

/// Sets every curve to 0.
void forget_curves(job::Job& job);

/// The job without the places of its files, which may differ from machine to machine.
job::Job without_places(job::Job job);

}  // namespace dreamreel::schedule
