// The value of --frames: frames or times.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "dreamreel/core/time.h"
#include "dreamreel/job/job.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::app {

/// Half-open.
struct FrameSpan {
  TimePoint begin{0, TimePoint::Unit::frames};
  std::optional<TimePoint> end;
  bool one_frame = false;  ///< only the frame at `begin`; `end` is then not set

  bool is_whole() const { return begin.value == 0 && !end && !one_frame; }
  /// For file names: "100-148", "2s-5s", "5-", "0"; "" for all frames.
  std::string name() const;
};

/// Parses "100..148", "2s..5s", "0:02..0:05", "5..", "..5", or a single frame as "7" or "2s". "" stands for
/// all frames. Numbers without a unit are frames. Throws UsageError.
FrameSpan parse_span(const std::string& text);

/// The frames of the span. If it has times, the job's source is opened to find their frames. Throws
/// UsageError, and what opening the source throws.
schedule::FrameRange frames_of(const FrameSpan& span, const job::Job& job,
                               const std::atomic<bool>* stop = nullptr);

}  // namespace dreamreel::app
