// What a render of a job would do with what lies in its work folder, found out without rendering.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/outstanding.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::render {

struct Forecast {
  std::vector<std::string> lines;  ///< why, and which frames are rendered, encoded again and kept
  std::int64_t dreamed = 0;        ///< frames that are dreamed, those of a loop's run-in included
  std::int64_t shots_begun = 0;    ///< of these, first frames of shots
};

/// nullopt where there is no work folder with a plan. Nothing is written or locked there, and stored files are looked at only as
/// far as their labels. Throws what render() throws before its first frame.
std::optional<Forecast> forecast(const job::Job& job, const schedule::FrameRange& frames,
                                 const std::atomic<bool>* stop = nullptr);

/// Throws DataError where the work folder `root` was begun with more frames than `now` asks for: a quick excerpt into the
/// same file would take the place of hours of work.
void expect_no_smaller_range(const schedule::FrameRange& before, const schedule::FrameRange& now,
                             const std::string& root);

}  // namespace dreamreel::render
