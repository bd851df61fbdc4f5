// What an edit of a job changes of its render, in words. Which frames are rendered is decided by their keys; these are the
// reasons that a person is told. Pure.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/schedule/outstanding.h"

namespace dreamreel::schedule {

/// One state of a job. References must outlive the use.
struct Version {
  const job::Job& job;
  const Plan& plan;
  FrameKeys::TimeOf time_of;
};

/// "camera.zoom changes from frame 288 on", "output.video.options: {crf: 16}, now {crf: 20}", ... A curve whose value changes
/// though its text does not says why: its expression reads the length of the job, or the sound. Empty if nothing has
/// changed that can be named.
std::vector<std::string> changes(const Version& before, const Version& now);

/// What happens to the frames of some pieces, in words: "frames 288 to 719 are rendered, 240 to 287 encoded again, 0 to 239
/// kept".
std::string in_words(const Outstanding& outstanding, const std::vector<Piece>& pieces);

}  // namespace dreamreel::schedule
