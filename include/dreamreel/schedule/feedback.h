// Tells from a job whether its frames lean on each other.
#pragma once

#include "dreamreel/job/job.h"

namespace dreamreel::schedule {

/// True for noise and for a still that becomes a video. After the first picture, such a dream feeds on
/// itself.
bool is_feedback(const job::Job& job);

/// Whether any frame starts from the dream of another one.
bool is_carried(const job::Job& job);

}  // namespace dreamreel::schedule
