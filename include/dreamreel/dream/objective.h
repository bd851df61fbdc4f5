// The objectives that the ascent climbs, and their gradient with respect to the picture. Every kind of
// objective gives its own derivative with respect to the activations in closed form. Only the network is
// differentiated backwards.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dreamreel/core/choices.h"
#include "dreamreel/dream/networks.h"

namespace dreamreel::dream {

/// core/choices.h has the formulas.
using Kind = ObjectiveKind;

/// A term to climb.
struct Objective {
  std::size_t layer = 0;    ///< index into Network::layers()
  double weight = 1;        ///< negative: the term is lowered; 0: the term costs nothing
  std::size_t network = 0;  ///< index into the Networks
  Kind kind = Kind::energy;
  std::vector<std::int64_t> channels{};  ///< of channels; neuron and logit use the first one
  double at_x = 0.5, at_y = 0.5;  ///< of neuron: the point in the picture, as fractions of width and height
  double selectivity = 0;         ///< of guide, direction and logit, >= 0
  double rivals = 0;              ///< of logit, 0 to 1: how much the other classes count against the class
  /// On the network's device; see targets.h. guide and direction: (C,G) in the network's type. style: (C,C)
  /// float32. content: (1,C,h,w), computed at the picture's size. All are float64 for a float64 network.
  at::Tensor target{};
  /// The picture that a content objective stays near: (3,h,w) float32 in [0,1]. ascend() stretches it to the
  /// start picture's size and computes the target from it; undefined means the start picture. evaluate()
  /// reads it, at the picture's size, only for a network for one size.
  at::Tensor picture{};
  /// Where in the picture the objective holds: (1,h,w) float32 in [0,1]; undefined: everywhere. It may have
  /// any size; it is stretched over the picture.
  ///
  /// evaluate() averages the mask over the area of each of the layer's positions, or over everything for a
  /// layer without positions, and multiplies the term there. Terms are still divided by all positions, so
  /// inside the mask they are as strong as without one. In ascend() the mask belongs to the start picture. It
  /// is scaled (by area) to each octave, and moves along with jitter, scale and rotation.
  at::Tensor mask{};
};

struct Gradient {
  double value = 0;     ///< of the whole objective
  at::Tensor gradient;  ///< shape and type of the picture; multiplied by `scale`
  /// A positive factor of `gradient`, chosen so that half precision neither overflows nor underflows. The
  /// ascent does not need it, because it normalises the gradient. 0 if several networks are used, because
  /// their gradients have different units.
  double scale = 1;
};

/// The value and the gradient at `picture`, (1,3,H,W) on the network's device, float32 (float64 for a float64
/// network). Sums are accumulated in float32 (float64).
///
/// With objectives in several networks, the gradient is sum_n W_n g_n / mean|g_n|. g_n is the gradient of
/// network n's own objectives, and W_n is the sum of their |weight|. The activations of networks differ by
/// orders of magnitude, and a weight should mean the same share of the step in each. `value` is the plain
/// sum.
///
/// Throws std::invalid_argument if there is no objective, if the index of a network, layer or channel is
/// wrong, or if a target does not fit its layer.
Gradient evaluate(const Networks& networks, const at::Tensor& picture,
                  const std::vector<Objective>& objectives);

}  // namespace dreamreel::dream
