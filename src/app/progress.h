// Shows the progress of a render: as a bar on a terminal, as lines elsewhere, or in a format for programs.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/report/progress.h"

namespace dreamreel::app {

/// "auto", "bar", "plain", "json", "openjd", "afanasy".
const std::vector<std::string>& progress_formats();

/// From now on, only warnings and errors are shown, and no progress unless a format is asked for by its name.
void be_quiet();

/// bar and plain write to stderr. The formats for programs write to stdout, one line per event, flushed. auto
/// is bar if stderr is a terminal, else plain. Every format but bar writes at least every 10 s: its last line
/// again, or {"event":"alive"} for json.
std::unique_ptr<report::ProgressSink> make_progress(const std::string& format);

/// Says that a chunk is done: as an activity, and as the last event for json.
void finish_chunk(report::ProgressSink& progress, std::size_t index, bool was_done_already);

/// Remembers the format in which failures are told to programs (the value of --progress).
void tell_failures_in(const std::string& format);
/// Tells a failure on stdout, where programs read the progress: {"event":"failure",...} for json, openjd_fail
/// for openjd. Nothing for the other formats.
void tell_failure(ExitCode code, const std::string& message);

}  // namespace dreamreel::app
