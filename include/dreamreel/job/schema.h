// Describes the keys of a job file: type, default and documentation. The data come from the tables that also
// read and check job files.
#pragma once

#include <vector>

#include "dreamreel/settings/key_info.h"

namespace dreamreel::job {

/// Every key in the order of the reference page. A section comes before its keys.
const std::vector<settings::KeyInfo>& schema();

}  // namespace dreamreel::job
