// Tells which curves jump where a loop begins anew.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"

namespace dreamreel::prepare {

/// A warning for each curve whose step from the last frame to frame 0 is more than twice its largest step
/// from frame to frame: there, the loop would be seen to jump. A curve that jumps within the video too is
/// taken to be meant so. Empty if the job does not loop, or if the number of frames is not known. `info`
/// counts the frames that are shown.
std::vector<std::string> loop_jumps(const job::Job& job, const footage::Timeline& timeline,
                                    const media::VideoInfo& info);

}  // namespace dreamreel::prepare
