// Decides whether a stranger's filter text may run, before any of its filters runs.
//
// First, names and options are compared with the list (filter_list.h). Then each filter is set up alone, with
// an input of the size that it will get. So the size and rate of its output are known before the next filter
// takes memory for them.
#pragma once

#include <string>

#include "filter_chain.h"

namespace dreamreel::media {

/// Throws JobError if a job may not have `input.user`, and says what a person can do. Also throws it if
/// libavfilter refuses the text. Checks nothing if all of FFmpeg is trusted (core/trust.h).
ChainLimits check_filters(const FilterInput& input);

/// How many times faster than `PTS` the times of a setpts expression can rise: |a| for a * PTS + b, or 1 for
/// times that are counted from N with at least one frame a minute. nullopt for any other expression.
std::optional<double> time_scale_of(const std::string& expression, AVRational time_base, double frame_rate);

/// Throws a JobError with libavfilter's message about the filter text. For an unknown name, it adds the
/// nearest names.
[[noreturn]] void throw_filter_refused(const std::string& text, const std::string& reason);

}  // namespace dreamreel::media
