// From the job's words to the options of the modules below: "auto" becomes a device or a precision, curves become the
// numbers of one frame. Nothing here keeps state.
#pragma once

#include "dreamreel/dream/ascend.h"
#include "dreamreel/flow/flow.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/media/writer.h"
#include "dreamreel/network/network.h"

namespace dreamreel::render {

/// auto: CUDA if a GPU is there, else the CPU. Throws UnavailableError if the job names a device that is not there.
at::Device resolve_device(const std::string& device);

/// auto: network::best_precision(device).
network::Precision resolve_precision(job::Precision precision, const at::Device& device);
network::Executor resolve_executor(job::Executor executor);

network::InputScaling input_scaling(const job::NetworkInput& input);

media::ReaderOptions reader_options(const job::Input& input);
flow::Method flow_method(job::Temporal::Flow flow);
image::Border border(job::Camera::Border border);

/// The ascent's numbers at one time. A frame that continues a shot takes temporal.iterations, the first one of a shot
/// dream.iterations; one that starts from a carried dream has its step scaled by temporal.step. `objectives` are
/// those of ObjectiveSet::at().
dream::AscentOptions ascent_options(const job::Job& job, std::vector<dream::Objective> objectives,
                                    const curve::CurveTime& time, bool continues_shot, bool is_carried);

/// How often the first frame of a shot is dreamed on before it is shown, each time as a frame that continues the shot:
/// temporal.warmup, or 0 where the dream of one frame is not carried to the next.
int warmup_rounds(const job::Job& job, const curve::CurveTime& time);

/// What the camera does over `seconds`, which are so many `frames`, ending at `time`: units per second integrated by the
/// midpoint rule, so that a job looks the same at any frame rate.
image::CameraStep camera_step(const job::Camera& camera, const curve::CurveTime& time, double seconds,
                              double frames = 1);

/// True if no keyframe ever moves the camera.
bool camera_rests(const job::Camera& camera);

}  // namespace dreamreel::render
