// How far a frame is dreamed, and how much of the last dream it keeps: the job's curves become the numbers
// for one frame. Functions without state.
#pragma once

#include <vector>

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/dream/ascend.h"
#include "dreamreel/job/job.h"

namespace dreamreel::carry {

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

/// The shorter side of the coarsest octave for this dream.motif, px; 0 for a motif of 0. A motif is taken to
/// be a quarter as large as the pictures with which the network of the first objective was trained.
double coarsest_octave(const job::Job& job, double motif);

/// How many extra times the first frame of a shot is dreamed before it is shown, each time like a frame that
/// continues the shot. This is temporal.warmup, or 0 if dreams are not carried from frame to frame.
int warmup_rounds(const job::Job& job, const curve::CurveTime& time);

}  // namespace dreamreel::carry
