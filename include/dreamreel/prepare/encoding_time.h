// How long the outputs take that are encoded after the last frame is dreamed.
#pragma once

#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::prepare {

/// Seconds a frame for each output of the job, measured by encoding some frames of the source, with grain for
/// the detail of a dream. 0 for an output that is encoded while frames are dreamed. Outputs are encoded after
/// the dream if the job has several, and if the streams of the codec cannot be joined (GIF, APNG, WebP).
/// `info` describes the source. Throws what opening the source and writing throw.
std::vector<double> encoding_seconds(const job::Job& job, const media::VideoInfo& info,
                                     const schedule::FrameRange& frames);

}  // namespace dreamreel::prepare
