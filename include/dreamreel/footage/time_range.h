// Finds frames by the times at which they are shown.
#pragma once

#include <atomic>
#include <optional>

#include "dreamreel/core/time.h"
#include "dreamreel/job/job.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::footage {

/// The frames of `job` that are shown in the half-open range begin..end. Times are in the job's own time: 0
/// is its first frame, after input.trim. Beats and bars stand for the frames in which they fall. The clip is
/// decoded up to `end`, unless an earlier scan is kept. Throws what open_source() throws, what needed_sound()
/// throws for beats and bars, UsageError if no frame lies in the range, and Interrupted.
schedule::FrameRange frames_between(const job::Job& job, const TimePoint& begin,
                                    const std::optional<TimePoint>& end,
                                    const std::atomic<bool>* stop = nullptr);

}  // namespace dreamreel::footage
