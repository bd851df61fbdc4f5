// The reference page of a job's keys, made from their descriptions (job/schema.h).
#pragma once

#include <string>

namespace dreamreel::job {

/// The Markdown tables of docs/job.md.
std::string reference_markdown();

}  // namespace dreamreel::job
