// How an expression of the filter setpts changes times.
#pragma once

#include <optional>
#include <string>

#include "libav.h"

namespace dreamreel::media {

/// How many times faster than `PTS` the times of a setpts expression can rise: |a| for a * PTS + b, or 1 for
/// times that are counted from N with at least one frame a minute. nullopt for any other expression.
std::optional<double> time_scale_of(const std::string& expression, AVRational time_base, double frame_rate);

}  // namespace dreamreel::media
