// What the ascent climbs, and the gradient of it with respect to the picture. Every kind of objective gives its own
// derivative with respect to the activations in closed form; only the network is differentiated backwards.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dreamreel/dream/networks.h"

namespace dreamreel::dream {

/// Below, a is the layer's activation: C channels at P positions, a_p the C numbers at position p. m_p is the mask at
/// that position (1 without one), w the weight. A positive weight climbs the term.
enum class Kind {
  /// w/2 mean(m a^2): whatever the layer sees becomes stronger. (google/deepdream, dream.ipynb, 2015.)
  energy,
  /// w mean(m a).
  mean,
  /// w mean over `channels` and positions of m a. (Olah, Mordvintsev, Schubert: "Feature Visualization", Distill 2017.)
  channels,
  /// w m a[channels[0]] at the position under (at_x, at_y). (Erhan et al. 2009; Olah 2017.)
  neuron,
  /// w mean_p m_p F(r_p) of a class c = channels[0] before the softmax, with r_p = a_p[c] - v log sum_{j != c}
  /// exp(a_p[j]) and v = `rivals`: for v = 1 the log of the odds that a softmax gives the class. F(r) = r for a
  /// `selectivity` s of 0 (Simonyan, Vedaldi, Zisserman 2014), else log(1 + exp(s r)) / s, whose slope is about 0
  /// where the class is not seen and 1 where it is.
  logit,
  /// w/C mean_p m_p max(0, cos_p)^s a_p.g_p, where g_p is that of `target`'s columns with the largest dot product
  /// a_p.g, cos_p the cosine between the two and s the `selectivity`; s = 0 is the guide of the 2015 notebook.
  /// The power of the cosine is lucid's (Olah 2017).
  guide,
  /// -w/2 |G - T|^2 / (C |T|), G = sum_p m_p a_p a_p^T / sum_p m_p (times mean(m), so that a small mask pulls no
  /// harder), T = `target`. (Gatys, Ecker, Bethge: "A Neural Algorithm of Artistic Style", 2015; here divided by |T|,
  /// so that a layer's weight means the same for every style.)
  style,
  /// -w/2 mean(m (a - t)^2) for t = `target`. (Gatys 2015.)
  content,
  /// As guide, with the one column of `target`: a direction in the space of channels. (Olah 2017.)
  direction,
  /// -w/(C (C-1)) times the sum over i != j of the cosines between the maps of channels i and j: channels shall not
  /// fire at the same places. (After the diversity term of Olah 2017, between channels rather than pictures.)
  diversity,
};

/// A term to climb.
struct Objective {
  std::size_t layer = 0;    ///< index into Network::layers()
  double weight = 1;        ///< negative: the term is lowered; 0: it costs nothing
  std::size_t network = 0;  ///< index into the Networks
  Kind kind = Kind::energy;
  std::vector<std::int64_t> channels{};  ///< of channels; the first one of neuron and logit
  double at_x = 0.5, at_y = 0.5;         ///< of neuron: where in the picture, fractions of width and height
  double selectivity = 0;                ///< of guide, direction and logit, >= 0
  double rivals = 0;                     ///< of logit, 0 to 1: how much the other classes count against it
  /// On the network's device, see targets.h: guide and direction (C,G) in the network's type, style (C,C) float32,
  /// content (1,C,h,w) of the picture's size. float64 for a float64 network.
  at::Tensor target{};
  /// Of content, in ascend(), which computes the target from it: (3,h,w) float32 [0,1], stretched to the picture;
  /// undefined for the start. evaluate() reads it, at the picture's size, for a network of one size.
  at::Tensor picture{};
  /// (1,h,w) float32 in [0,1], or undefined for everywhere: where in the picture the objective holds. Any size that
  /// spans the picture; evaluate() averages it over the area of each of the layer's positions (layers without
  /// positions take the mean) and multiplies the term there. Terms stay divided by all positions, so inside the mask
  /// they are as strong as without one. In ascend() it belongs to the start picture: it is scaled (by area) to each
  /// octave and moves along with jitter, scale and rotation.
  at::Tensor mask{};
};

struct Gradient {
  double value = 0;     ///< of the whole objective
  at::Tensor gradient;  ///< same shape and type as the picture, times `scale`
  /// The gradient is multiplied by this positive number, chosen so that half precision neither over- nor
  /// underflows; the ascent does not need it, because it normalises. 0 where several networks are at work, whose
  /// gradients come in units of their own.
  double scale = 1;
};

/// Value and gradient at `picture`, (1,3,H,W), float32 (float64 for a float64 network) on the network's
/// device. Sums are accumulated in float32 (float64).
///
/// With objectives in more than one network the gradient is sum_n W_n g_n / mean|g_n|, g_n the gradient of network n's
/// own objectives and W_n the sum of their |weight|: networks differ in the size of their activations by orders of
/// magnitude, and a weight should mean the same share of the step in each. `value` is the plain sum.
///
/// Throws std::invalid_argument if there is no objective, an index of a network, layer or channel is wrong, or a target
/// does not fit its layer.
Gradient evaluate(const Networks& networks, const at::Tensor& picture,
                  const std::vector<Objective>& objectives);

}  // namespace dreamreel::dream
