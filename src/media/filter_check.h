// Whether a stranger's filter text may run: looked at before any of its filters is created in earnest.
//
// First names and options are held against the list (filter_list.h). Then each filter is set up alone, with
// an input of the size that it will get, so that the size and rate it gives are known before the next one
// takes memory for them.
#pragma once

#include <string>

#include "filter_chain.h"

namespace dreamreel::media {

/// Throws JobError if `input.user` is more than a job may have, with what a person can do; also for what
/// libavfilter refuses. Nothing is checked where all of FFmpeg is trusted (core/trust.h).
ChainLimits check_filters(const FilterInput& input);

/// How many times faster than `PTS` the times of a setpts expression can rise: |a| of a * PTS + b, or 1 for
/// times that are counted out of N at no less than one frame a minute. nullopt for any other expression.
std::optional<double> time_scale_of(const std::string& expression, AVRational time_base, double frame_rate);

/// A JobError out of what libavfilter says about the filter text, with the nearest names for one that it does
/// not know.
[[noreturn]] void throw_filter_refused(const std::string& text, const std::string& reason);

}  // namespace dreamreel::media
