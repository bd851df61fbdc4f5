// Describes the keys of a job file: type, default and documentation. The data come from the tables that also
// read and check job files. docs/job.md is generated from it.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/settings/key_info.h"

namespace dreamreel::job {

/// Every key in the order of the reference page. A section comes before its keys.
const std::vector<settings::KeyInfo>& schema();

/// The Markdown tables of docs/job.md.
std::string reference_markdown();

}  // namespace dreamreel::job
