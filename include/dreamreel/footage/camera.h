// The job's camera, in the steps from frame to frame.
#pragma once

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/job/job.h"

namespace dreamreel::footage {

/// The movement of the camera in the step that ends at `time` and is `seconds` and `frames` long. Its speeds
/// are per second, so a job looks the same at any frame rate. They are integrated by the midpoint rule.
image::CameraStep camera_step(const job::Camera& camera, const curve::CurveTime& time, double seconds,
                              double frames = 1);

/// Whether the camera never moves, at any time.
bool camera_rests(const job::Camera& camera);

}  // namespace dreamreel::footage
