// Gradient ascent on a frame over several octaves, after the 2015 notebook (google/deepdream, dream.ipynb).
// Knows nothing of time: the caller gives the starting point and the key of the random numbers.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "dreamreel/core/random.h"
#include "dreamreel/dream/objective.h"
#include "dreamreel/network/network.h"

namespace dreamreel::dream {

/// Resolved numbers of one frame (curves already read).
struct AscentOptions {
  std::vector<Objective> objectives;  ///< at least one
  int octaves = 4;                    ///< >= 1
  double octave_scale = 1.4;          ///< > 1
  int iterations = 10;                ///< per octave, >= 0
  double step = 1.5;                  ///< in 8-bit levels: x += step/255 * g / mean|g|
  int jitter = 32;                    ///< px, >= 0
};

/// One step as it happened, for logs, tests and benchmarks.
struct StepReport {
  int octave = 0;        ///< 0 = finest
  int iteration = 0;     ///< from 0, counted within the octave
  double objective = 0;  ///< of the picture before the step
};
/// Called after every step; may throw to stop the ascent (that is how an interrupt gets in).
using StepObserver = std::function<void(const StepReport&)>;

struct AscentResult {
  at::Tensor picture;       ///< (3,H,W) float32 [0,1], on the network's device
  double objective = 0;     ///< before the last step of the finest octave; 0 if there was no step
  int octaves_dropped = 0;  ///< coarse octaves left out because they fall under Network::min_input_side()
};

/// Climbs from `start`, (3,H,W) float32 [0,1] on the network's device. Per octave, coarse to fine: the base
/// is `start` scaled down with antialiasing; what the coarser octave added (the detail) is scaled up and
/// added to it. Each step rolls by a random offset, x += step/255 * g / mean|g|, clamps to [0,1] and rolls
/// back. `key` gives seed and frame; octave and iteration are filled in here. Pure: the same arguments give
/// the same bits at the same number of threads. Throws RenderError if the gradient is not finite,
/// std::invalid_argument for a wrong shape or options out of range.
AscentResult ascend(const network::Network& network, const at::Tensor& start, const AscentOptions& options,
                    const RandomKey& key, const StepObserver& observer = {});

/// The number of octaves of `options` that `network` accepts for a frame of this size; 0 if even the frame
/// itself is too small.
int usable_octaves(const network::Network& network, std::int64_t height, std::int64_t width,
                   const AscentOptions& options);

}  // namespace dreamreel::dream
