// One frame dreamed by itself, as the first frame of a shot: for programs that show what a job would make
// of it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/render/objective_set.h"
#include "dreamreel/schedule/loop.h"

namespace dreamreel::render {

/// What a frame is dreamed from.
struct OneFrame {
  media::VideoInfo info;  ///< of the source
  schedule::Loop loop;
  media::VideoFrame frame;  ///< with its picture, also of pure feedback
};

/// Reads the frame. `loop` is what an earlier opening of the source found. Throws what open_source()
/// throws, UsageError where the source has no such frame.
OneFrame read_frame(const job::Job& job, std::int64_t frame, const std::optional<schedule::Loop>& loop = {});

/// What is shown of the frame: colour, mask and opacity included; (3,H,W) float32, 16-bit levels, CPU. The
/// bits are those of a render that begins a shot with this frame, such as that of a photo. `observer` may
/// throw to end it. Throws what Timeline, Masks and ascend() throw, JobError for a frame that is too small
/// for the layers.
at::Tensor dream_frame(const job::Job& job, ObjectiveSet& objectives, const OneFrame& frame,
                       const dream::StepObserver& observer = {});

}  // namespace dreamreel::render
