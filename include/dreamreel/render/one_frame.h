// Dreams a single frame by itself, as if it were the first frame of a shot. It serves programs that preview
// a job.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/model/objective_set.h"
#include "dreamreel/schedule/loop.h"

namespace dreamreel::render {

/// The input of the dream of one frame.
struct OneFrame {
  media::VideoInfo info;  ///< of the source
  schedule::Loop loop;
  media::VideoFrame frame;  ///< always with its picture, even if the dream feeds only on itself
};

/// Reads frame `frame`, counted from 0 in the job. `loop` may be the loop of an earlier OneFrame of the same
/// source. Throws what open_source() throws; UsageError if the source has no such frame.
OneFrame read_frame(const job::Job& job, std::int64_t frame, const std::optional<schedule::Loop>& loop = {});

/// The finished picture of the frame, with colour, mask and opacity: (3,H,W) float32, 16-bit levels, CPU. A
/// render in which this frame begins a shot gives the same bits; a photo is such a render. `observer` may
/// throw to stop the dream. Throws what Timeline, Masks and ascend() throw; JobError if the frame is too
/// small for the layers.
at::Tensor dream_frame(const job::Job& job, model::ObjectiveSet& objectives, const OneFrame& frame,
                       const dream::StepObserver& observer = {});

}  // namespace dreamreel::render
