// What the ascent maximises, and how it climbs. A part of a job; see job.h.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/core/choices.h"
#include "dreamreel/curve/curve.h"
#include "dreamreel/job/mask.h"

namespace dreamreel::job {

using cards::ChannelRange;
using cards::NetworkRef;
using curve::Curve;

/// A term that the ascent maximises; docs/objectives.md has the formulas. Fields that do not belong to the
/// kind keep their defaults.
struct LayerObjective {
  using Kind = ObjectiveKind;
  using Match = GuideMatch;
  std::string layer;
  Curve weight = 1.0;
  Kind kind = Kind::energy;
  std::optional<NetworkRef> network{};          ///< overrides the job's network
  std::vector<ChannelRange> channels{};         ///< for channels and neuron
  Curve at_x = 0.5, at_y = 0.5;                 ///< for neuron; fractions of the frame
  std::optional<int> class_index{};             ///< for logit: the class by its index, or
  std::string class_name{};                     ///< by its name in the network's label file
  std::vector<std::filesystem::path> images{};  ///< for guide and style; at most one for content
  std::optional<int> size{};                    ///< px; longer side to which `images` are scaled
  Match match = Match::best;                    ///< for guide
  Curve selectivity = 0;                        ///< for guide, direction and logit; in [0,100]
  Curve rivals = 0;              ///< for logit, in [0,1]: how much the other classes count against this class
  std::vector<double> vector{};  ///< for direction: one number for each channel
  std::optional<Mask> mask = std::nullopt;
  bool operator==(const LayerObjective&) const = default;
};

/// Changes the gradient before each step. `laplacian`: bands of equal strength, 0 to 12; `smooth`: deviation
/// of the blurs in px; `decorrelate`: in [0,1].
struct GradientShaping {
  Curve laplacian = 0, smooth = 0, decorrelate = 0;
  bool operator==(const GradientShaping&) const = default;
};

/// Holds the picture back. `total_variation` and `grey` are weights. `beta` is the power in the total
/// variation, 1 or 2. Blurs are deviations in px, and `blur_every` is in iterations. `clip` is a share of the
/// pixels.
struct Regularise {
  Curve total_variation = 0;
  int beta = 1;
  Curve grey = 0, blur = 0, blur_end = 0, blur_every = 1, clip = 0;
  bool operator==(const Regularise&) const = default;
};

/// Random transforms before each step: `scale` by up to this share, `rotate` by up to this angle in degrees.
struct Transforms {
  Curve scale = 0, rotate = 0;
  bool operator==(const Transforms&) const = default;
};

using dreamreel::Optimizer;
using dreamreel::Parameterization;

struct Dream {
  /// At least one; a dream.journey becomes objectives with keyframes.
  std::vector<LayerObjective> objectives;
  /// Divides each objective by the size of its gradient, so that weights are comparable.
  bool balance = false;
  /// Size of the largest motifs, as a share of the frame's shorter side. Above 0, the octaves follow from it,
  /// and `octaves` does not count.
  Curve motif = 0;
  /// How many times smaller the frames are than those of the final render, for a draft of it; at least 1.
  double draft = 1;
  /// `octave_scale`: side of an octave relative to the next smaller one. `iterations`: steps per octave.
  /// `step`: mean change of a pixel, in 8-bit levels. `jitter`: px. `opacity`: in [0,1].
  Curve octaves = 4, octave_scale = 1.4, iterations = 10, step = 1.5, jitter = 32, opacity = 1.0;
  Curve strength = 0.5;  ///< 0: the source, 0.5: as the other keys say, 1: overwhelming
  Curve stop_below = 0;  ///< share of the objective, in [0,1]: an octave ends when a step gains less
  GradientShaping gradient;
  Regularise regularise;
  Transforms transforms;
  Optimizer optimizer = Optimizer::ascent;
  Parameterization parameterization = Parameterization::pixels;
  std::optional<Mask> mask = std::nullopt;
  bool show_masks = false;  ///< draws all masks over the source, in place of dreaming
  bool operator==(const Dream&) const = default;
};

}  // namespace dreamreel::job
