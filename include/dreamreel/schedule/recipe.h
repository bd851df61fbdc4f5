// The settings of a job that hold for all of its frames, sorted by what they matter to. The settings of
// single frames are the values of curves, which schedule/frame_keys.h adds. Pure: no file is read.
#pragma once

#include <string>
#include <string_view>

#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {

/// Whether the mask and the opacity of the whole dream are already contained in the stored dream. A mask that
/// confines the dream is, and so is a mask that is drawn in its place. In a job of noise, both are, because
/// no picture of the source lies under the dream.
bool mask_is_dreamed(const job::Job& job);
bool opacity_is_dreamed(const job::Job& job);

/// Whether curves read the sound, stems or series at times that the plan does not know (Plan::has_times). The
/// values of such curves are not in the frames' keys, so these values cannot tell one file from another.
bool hears_at_unknown_times(const job::Job& job, const Plan& plan);

/// Whether the file of this key gives values to expressions by a name of the job's own: a series or a stem.
bool is_of_own_variable(std::string_view key);

/// Each member is the YAML of a job in which all other settings, and the places of files, have one fixed
/// value. Curves are left out unless Plan::has_times is false.
struct Recipe {
  std::string dream, shown, encoding;
};

Recipe recipe_of(const job::Job& job, const Plan& plan);

/// Sets every curve of the job to 0.
void forget_curves(job::Job& job);

/// The job without the places of its files, because these may differ from machine to machine.
job::Job without_places(job::Job job);

}  // namespace dreamreel::schedule
