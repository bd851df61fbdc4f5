// The outputs of a job. Most jobs have one. A job with several dreams its frames once, and encodes each
// output from them. All outputs share `output.loop`, because it changes the frames themselves.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

inline constexpr std::size_t kMostOutputs = 16;

/// Whether the job has more than one output.
bool has_several_outputs(const Job& job);
std::size_t output_count(const Job& job);  ///< at least 1

/// One of the outputs; 0 is Job::output. Its own `loop` says nothing; `job.output.loop` does. Throws
/// std::out_of_range.
const Output& output_at(const Job& job, std::size_t number);
Output& output_at(Job& job, std::size_t number);

/// The key that describes an output in the job file: "output", or "outputs.2" in a job with several.
std::string key_of_output(const Job& job, std::size_t number);

/// The job that makes one of the outputs and no other: the file is the same, bit for bit.
Job with_output(const Job& job, std::size_t number);
std::vector<Job> jobs_of_outputs(const Job& job);  ///< with_output() of each

}  // namespace dreamreel::job
