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

/// Throws a JobError with libavfilter's message about the filter text. For an unknown name, it adds the
/// nearest names.
[[noreturn]] void throw_filter_refused(const std::string& text, const std::string& reason);

}  // namespace dreamreel::media
