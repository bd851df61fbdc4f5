// Tells from a job whether its frames lean on each other.
#pragma once

#include <cstdint>

#include "dreamreel/job/job.h"

namespace dreamreel::schedule {

/// True for noise and for a still that becomes a video. After the first picture, such a dream feeds on
/// itself.
bool is_feedback(const job::Job& job);

/// Whether any frame starts from the dream of another one.
bool is_carried(const job::Job& job);

/// The frames that Cadence is to remember: `temporal.memory`, converted from `temporal.at_fps`, or 0 where
/// that cannot help. A memory needs a moving source that says what comes back (flow and occlusion), and a
/// camera at rest, whose moves lead a dream away from its source.
std::int64_t frames_remembered(const job::Job& job, double frames_per_second);

}  // namespace dreamreel::schedule
