// Converts the numbers of `temporal`, which a job gives for a frame, to the rate of its source
// (temporal.at_fps). Pure functions of numbers.
//
// A carried dream has the strength D. Each frame keeps the share b of it and adds the growth g, so D settles
// at g / (1 - b). A frame that stands for q frames of the asked rate keeps b^q and adds g (1 - b^q) / (1 -
// b). So the dream fades as fast by the clock, and settles at the same strength.
#pragma once

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/job/job.h"

namespace dreamreel::carry {

/// Frames of the asked rate that a frame of the source stands for, and that a dreamed frame stands for; they
/// differ where temporal.every leaves frames out. 1 and 1 if the job asks for no rate.
struct Pace {
  double frame = 1, dreamed = 1;
  bool is_plain() const { return frame == 1 && dreamed == 1; }
};
Pace pace_at(const job::Job& job, const curve::CurveTime& time);

/// The share of a dream that a dreamed frame keeps, where a frame of the asked rate keeps `blend`.
double blend_of(double blend, const Pace& pace);

/// The ascent steps of one octave: how many, and how long.
struct AscentSteps {
  int count = 0;
  double length = 0;
};
/// The steps of a dreamed frame that carries `blend` on, where a frame of the asked rate takes `steps`. Their
/// number follows the source's rate, so that a second costs the same at any rate, and temporal.every saves as
/// much as without a rate. It is rounded to at least 1, and the length makes up for the rest.
AscentSteps ascent_steps_of(const AscentSteps& steps, double blend, const Pace& pace);

/// The deviation of the noise that a dreamed frame gets, where a frame of the asked rate gets `sigma`: the
/// variances add up.
double noise_of(double sigma, const Pace& pace);

}  // namespace dreamreel::carry
