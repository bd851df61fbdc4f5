// How a render's progress looks: a bar on a terminal, lines elsewhere, or what a program reads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dreamreel/render/progress.h"

namespace dreamreel::app {

/// "auto", "bar", "plain", "json", "openjd", "afanasy".
const std::vector<std::string>& progress_formats();

/// bar and plain go to stderr, the machine-readable formats to stdout, one line an event, flushed. auto is bar if stderr
/// is a terminal, else plain. Every format but bar says something at least every 10 s: its last line again, json
/// {"event":"alive"}.
std::unique_ptr<render::ProgressSink> make_progress(const std::string& format);

}  // namespace dreamreel::app
