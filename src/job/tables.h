// The tables of a job file, one for each struct of job/job.h.
#pragma once

#include "table.h"

namespace dreamreel::job {

const Table<Job>& job_table();
Row<Job> audio_row();
Row<Job> colour_row();

/// True for paths whose maps merge key by key ("dream"). False for values that are replaced whole (curves,
/// lists).
bool merges(const std::string& path);
/// True for paths that only group keys. An empty value there sets nothing.
bool is_section(const std::string& path);

}  // namespace dreamreel::job
