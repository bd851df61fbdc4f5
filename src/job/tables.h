// The tables of a job file, listed together because schema.cpp joins them into one. Of the sections,
// audio_schema.cpp, series_schema.cpp and colour_schema.cpp make their own rows, schema.cpp the others.
#pragma once

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

const Table<Job>& job_table();
Row<Job> audio_row();
Row<Job> series_row();
/// The variables that a tree names, in its keys `series` and `audio.stems`. Tells no faults.
std::vector<curve::OwnVariable> own_variables_of(const Value& root);
/// The map of the key `audio.stems`.
Row<Audio> stems_row();
Row<Job> colour_row();

/// True for paths whose maps merge key by key ("dream"). False for values that are replaced whole (curves,
/// lists).
bool merges(const std::string& path);
/// True for paths that only group keys. An empty value there sets nothing.
bool is_section(const std::string& path);

}  // namespace dreamreel::job
