// How a dream goes on from frame to frame. A part of a job; see job.h.
#pragma once

#include <optional>

#include "dreamreel/core/choices.h"
#include "dreamreel/core/time.h"
#include "dreamreel/curve/curve.h"
#include "dreamreel/job/cuts.h"

namespace dreamreel::job {

using curve::Curve;

struct Temporal {
  using Flow = FlowMethod;
  Flow flow = Flow::dis;
  enum class Carry { detail, image } carry = Carry::detail;
  /// Frames a second for which the numbers below are meant. They are converted to the rate of the source. If
  /// the job leaves it out, they hold for each frame, whatever the rate.
  std::optional<Rational> at_fps{};
  Curve blend = 0.9;  ///< in [0,1]: share of the last frame's dream in the next start
  bool occlusion = true;
  Curve iterations = 3;  ///< if the job leaves it out: dream.iterations, unless that exceeds 3
  Curve step = 0.5;      ///< factor on dream.step for a dream that is carried on
  Curve warmup = 0;      ///< additional rounds for the first frame of a shot
  Curve noise = 0;       ///< standard deviation of noise in pure feedback, in [0,1]
  enum class NoiseMotion { fresh, carried } noise_motion = NoiseMotion::fresh;
  Curve sharpen = 0.15;  ///< share of lost detail that is restored when the camera moves pure feedback
  bool marks = false;    ///< draws dots where a dream would grow
  Cuts cuts;
  int every = 1;      ///< dreams every n-th frame; flow fills in the others
  bool hold = false;  ///< keeps the dream still while the source shows the same picture
  Curve calm = 0;     ///< 0 alive to 1 still: how much less a carried dream changes in a frame
  int memory = 0;     ///< frames; what was hidden for at most this long is found again; 0: nothing is
  int passes = 1;     ///< 2: each shot is dreamed backward first, and then forward with its help
  Curve deepen = 0;   ///< rounds at most that a place which came into view is dreamed at once
  /// How much of the carried dream a place loses, by the reason why its motion cannot be trusted.
  struct Distrust {
    Curve uncovered = 1, outside = 1, edge = 1;
    bool operator==(const Distrust&) const = default;
  } distrust;
  bool maps = false;  ///< colours show where a dream would be fresh, and why
  bool operator==(const Temporal&) const = default;
};

}  // namespace dreamreel::job
