// Gradient ascent on a frame over several octaves, after the 2015 notebook (google/deepdream, dream.ipynb).
// Knows nothing of time: the caller gives the starting point and the key of the random numbers.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "dreamreel/core/random.h"
#include "dreamreel/network/network.h"

namespace dreamreel::dream {

/// A term to climb: weight * 1/2 mean(a^2) of one of the network's layers.
struct Objective {
  std::size_t layer = 0;  ///< index into Network::layers()
  double weight = 1;      ///< may be negative: then the layer is calmed
};

/// Resolved numbers of one frame (curves already read).
struct AscentOptions {
  std::vector<Objective> objectives;  ///< at least one
  int octaves = 4;                    ///< >= 1
  double octave_scale = 1.4;          ///< > 1
  int iterations = 10;                ///< per octave, >= 0
  double step = 1.5;                  ///< in 8-bit levels: x += step/255 * g / mean|g|
  int jitter = 32;                    ///< px, >= 0
};

/// One step as it happened, for logs and tests.
struct StepReport {
  int octave = 0;        ///< 0 = finest
  int iteration = 0;     ///< from 0, counted within the octave
  double objective = 0;  ///< before the step
};
using StepObserver = std::function<void(const StepReport&)>;

/// Climbs from `start` (3,H,W) float32 [0,1] on the network's device; returns the same shape and range. `key`
/// gives seed and frame; octave and iteration are filled in here. Pure: the same arguments give the same
/// bits. Octaves whose shorter side falls under Network::min_input_side() are left out, with a log line the
/// first time. Throws RenderError if the gradient is not finite or memory runs out.
at::Tensor ascend(const network::Network& network, const at::Tensor& start, const AscentOptions& options,
                  const RandomKey& key, const StepObserver& observer = {});

}  // namespace dreamreel::dream
