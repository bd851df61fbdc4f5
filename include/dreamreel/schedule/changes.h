// Tells a person in words what an edit of a job changes in its render. The frames' keys alone decide which
// frames are rendered; these texts only give the reasons. Pure: no file is read.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/schedule/outstanding.h"

namespace dreamreel::schedule {

/// One state of a job with its plan. The references must outlive the object.
struct Version {
  const job::Job& job;
  const Plan& plan;
  FrameKeys::TimeOf time_of;
};

/// The changes from `before` to `now`, one text for each, for example "camera.zoom changes from frame 288 on"
/// or "output.video.options: {crf: 16}, now {crf: 20}". If the value of a curve changes but its text does
/// not, the entry gives the reason: its expression reads the length of the job, or the sound. Empty if no
/// change has a name.
std::vector<std::string> changes(const Version& before, const Version& now);

/// What happens to the frames of some pieces, for example "frames 288 to 719 are rendered, 240 to 287 encoded
/// again, 0 to 239 kept".
std::string in_words(const Outstanding& outstanding, const std::vector<Piece>& pieces);

}  // namespace dreamreel::schedule
