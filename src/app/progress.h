// Shows the progress of a render: as a bar on a terminal, as lines elsewhere, or in a format for programs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dreamreel/render/progress.h"

namespace dreamreel::app {

/// "auto", "bar", "plain", "json", "openjd", "afanasy".
const std::vector<std::string>& progress_formats();

/// From now on, only warnings and errors are shown, and no progress unless a format is asked for by its name.
void be_quiet();

/// bar and plain write to stderr. The formats for programs write to stdout, one line per event, flushed. auto
/// is bar if stderr is a terminal, else plain. Every format but bar writes at least every 10 s: its last line
/// again, or {"event":"alive"} for json.
std::unique_ptr<render::ProgressSink> make_progress(const std::string& format);

}  // namespace dreamreel::app
