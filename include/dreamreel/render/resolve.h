// Translates the settings of a job into the options of the modules below. "auto" becomes a device or a
// precision, and a curve becomes the number for one frame. Functions without state.
#pragma once

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/dream/ascend.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/media/writer.h"
#include "dreamreel/network/network.h"

namespace dreamreel::render {

/// "auto" is CUDA if a GPU is available, else the CPU. Throws UnavailableError if the job names a device that
/// is not available.
at::Device resolve_device(const std::string& device);

/// "auto" is network::best_precision(device).
network::Precision resolve_precision(job::Precision precision, const at::Device& device);

network::InputScaling input_scaling(const cards::NetworkInput& input);

media::ReaderOptions reader_options(const job::Input& input);
/// What comes in from outside the frame in the step that ends at `time`.
image::Border border_at(const job::Job& job, const curve::CurveTime& time);

/// The options of the ascent at one time. A frame that continues a shot gets temporal.iterations, the first
/// frame of a shot gets dream.iterations. For a frame that starts from a carried dream, temporal.step and
/// temporal.calm scale the step, and temporal.at_fps converts the steps to the source's rate. `objectives`
/// come from ObjectiveSet::at().
dream::AscentOptions ascent_options(const job::Job& job, std::vector<dream::Objective> objectives,
                                    const curve::CurveTime& time, bool continues_shot, bool is_carried);

/// How much of the last frame's dream goes into the next: temporal.blend, closer to 1 by temporal.calm and
/// by a dream.strength above 0.5, and converted from temporal.at_fps to the source's rate.
double blend_at(const job::Job& job, const curve::CurveTime& time);

/// The deviation of the fresh noise in a frame of pure feedback: temporal.noise, converted alike.
double noise_at(const job::Job& job, const curve::CurveTime& time);

/// Whether noise is drawn so that a smaller frame shows the larger one's: where dream.motif counts.
bool draws_scaled_noise(const job::Job& job, const curve::CurveTime& time);

/// The shorter side of the coarsest octave for this dream.motif, px; 0 for a motif of 0. A motif is taken to
/// be a quarter as large as the pictures with which the network of the first objective was trained.
double coarsest_octave(const job::Job& job, double motif);

/// How many extra times the first frame of a shot is dreamed before it is shown, each time like a frame that
/// continues the shot. This is temporal.warmup, or 0 if dreams are not carried from frame to frame.
int warmup_rounds(const job::Job& job, const curve::CurveTime& time);

/// The movement of the camera in the step that ends at `time` and is `seconds` and `frames` long. Its speeds
/// are per second, so a job looks the same at any frame rate. They are integrated by the midpoint rule.
image::CameraStep camera_step(const job::Camera& camera, const curve::CurveTime& time, double seconds,
                              double frames = 1);

/// Whether the camera never moves, at any time.
bool camera_rests(const job::Camera& camera);

}  // namespace dreamreel::render
