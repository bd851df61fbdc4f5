// How the camera moves through the dream. A part of a job; see job.h.
#pragma once

#include "dreamreel/core/choices.h"
#include "dreamreel/curve/curve.h"

namespace dreamreel::job {

using curve::Curve;

struct Camera {
  /// Per second: `zoom` is a factor, `rotate` in degrees, `pan` in fractions of the frame. `pivot` is a
  /// point in fractions of the frame.
  Curve zoom = 1, rotate = 0, pan_x = 0, pan_y = 0, pivot_x = 0.5, pivot_y = 0.5;
  using Border = dreamreel::Border;
  Border border = Border::mirror;
  bool operator==(const Camera&) const = default;
};

}  // namespace dreamreel::job
