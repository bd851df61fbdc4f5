// Predicts without rendering what a render of a job would do with the contents of its work folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/outstanding.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::prepare {

struct Forecast {
  std::vector<std::string> lines;  ///< the reasons, and the frames that are rendered, encoded again and kept
  std::int64_t dreamed = 0;        ///< frames to be dreamed, including a loop's run-in
  std::int64_t shots_begun = 0;    ///< number of these frames that are the first of a shot
  std::vector<bool> encodes;       ///< for each output: whether it is still to be made
  schedule::Segment frames;        ///< all frames of the render
  std::vector<schedule::Segment> rendered;  ///< of these, the frames that are made; in rising order, apart
  /// Frames whose stored dreams are kept, and whose picture is to be another than what the folder shows now
  /// (opacity, masks); in rising order, apart.
  std::vector<schedule::Segment> shown_anew;
};

/// The forecast for a job, or nullopt if there is no work folder with a plan. Nothing is written or locked,
/// and only the labels of stored files are read. Throws whatever render() throws before its first frame.
std::optional<Forecast> forecast(const job::Job& job, const schedule::FrameRange& frames,
                                 const std::atomic<bool>* stop = nullptr);

/// Throws DataError if the work folder `root` was begun with more frames than `now` asks for. Otherwise, a
/// quick excerpt into the same file would replace hours of work.
void expect_no_smaller_range(const schedule::FrameRange& before, const schedule::FrameRange& now,
                             const std::string& root);

}  // namespace dreamreel::prepare
