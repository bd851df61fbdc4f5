// The keys `output` and `outputs`: one file, or a list of them.
#pragma once

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

inline constexpr const char* kOutput = "output";
inline constexpr const char* kOutputs = "outputs";

/// The rows of both keys. `table` describes one output. Beside `outputs`, `output` may hold `loop` alone.
Row<Job> output_row(const Table<Output>& table);
Row<Job> outputs_row(const Table<Output>& table);

/// Whether the key `outputs` is set.
bool lists_outputs(const Value& root);

/// Removes from an older text what a younger one replaces: `outputs` replaces all of `output` but its loop,
/// and `output.path` replaces `outputs`.
void drop_other_outputs(Value& base, const Value& over);

/// Adds a problem for each output that has the path of the input or of another output.
void check_outputs(const Value& root, const Job& job, Problems& problems);

}  // namespace dreamreel::job
