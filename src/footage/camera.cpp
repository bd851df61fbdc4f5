#include "dreamreel/footage/camera.h"

#include <cmath>

#include "dreamreel/schedule/clock.h"

namespace dreamreel::footage {

image::CameraStep camera_step(const job::Camera& camera, const curve::CurveTime& time, double seconds,
                              double frames) {
  const auto middle = schedule::middle_of_step(time, seconds, frames);
  image::CameraStep step;
  step.zoom = std::pow(camera.zoom.at(middle), seconds);
  step.rotate_degrees = camera.rotate.at(middle) * seconds;
  step.pan_x = camera.pan_x.at(middle) * seconds;
  step.pan_y = camera.pan_y.at(middle) * seconds;
  step.pivot_x = camera.pivot_x.at(middle);
  step.pivot_y = camera.pivot_y.at(middle);
  return step;
}

bool camera_rests(const job::Camera& camera) {
  const auto always = [](const job::Curve& curve, double value) {
    return curve.min() == value && curve.max() == value;
  };
  return always(camera.zoom, 1) && always(camera.rotate, 0) && always(camera.pan_x, 0) &&
         always(camera.pan_y, 0);
}

}  // namespace dreamreel::footage
