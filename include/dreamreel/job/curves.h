// Lists every curve of a job by the path of its key.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/settings/named_curves.h"

namespace dreamreel::job {

/// All curves, in the order of docs/job.md.
std::vector<settings::NamedCurve> list_curves(const Job& job);

/// The variables of the job's own that its curves and cuts read, sorted: "knob", "drums.onset".
std::vector<std::string> own_variables_read(const Job& job);

}  // namespace dreamreel::job
