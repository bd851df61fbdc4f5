#include "sharpening.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>

namespace dreamreel::carry {
namespace {

// The complement of the 1-2-1 filter along one axis of a picture (C,H,W). Its response to a wave of w radians
// a pixel is sin^2(w/2).
at::Tensor fine_along(int axis, const at::Tensor& picture) {
  const auto size = picture.size(axis);
  const at::Tensor first = picture.narrow(axis, 0, 1), last = picture.narrow(axis, size - 1, 1);
  const at::Tensor before = at::cat({first, picture.narrow(axis, 0, size - 1)}, axis);
  const at::Tensor after = at::cat({picture.narrow(axis, 1, size - 1), last}, axis);
  return picture / 2 - (before + after) / 4;
}

// The share of the finest wave, of pi radians a pixel, that bicubic reading loses at these coordinates. It is
// 6 f^2 - 4 f^3, where f is the distance from a whole coordinate. The mean over all f is 0.375.
constexpr double kMeanLoss = 0.375;
at::Tensor loss_at(const at::Tensor& coordinates) {
  const at::Tensor distance = (coordinates - coordinates.round()).abs();
  return distance.square() * (6 - 4 * distance);
}

// Restores detail that reading a picture at `coordinates` (H,W) of one axis took. The loss of a wave grows
// about as sin^4(w/2). Each pixel gets back its own loss times amount / kMeanLoss. Up to an amount of 0.15,
// no wave becomes stronger than it was (by 1 in 10,000 at most); a stronger wave would grow from frame to
// frame. One correction for all pixels would be wrong: pixels on the axes of a zoom are read at whole
// coordinates in every frame, and lose nothing.
at::Tensor sharpened_along(int axis, const at::Tensor& picture, const at::Tensor& coordinates,
                           double amount) {
  const at::Tensor finest = fine_along(axis, fine_along(axis, picture));
  return picture + finest * (loss_at(coordinates) * (amount / kMeanLoss));
}

}  // namespace

at::Tensor sharpened(const at::Tensor& picture, const at::Tensor& positions, double amount) {
  return sharpened_along(1, sharpened_along(2, picture, positions[0], amount), positions[1], amount);
}

}  // namespace dreamreel::carry
