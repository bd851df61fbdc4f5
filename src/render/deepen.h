// Places that came into view, and that no past has, get the depth of a dream at once (temporal.deepen).
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/flow/distant.h"
#include "dreamreel/flow/flow.h"

namespace dreamreel::render {

/// Of one frame.
struct FreshPlaces {
  at::Tensor map;                     ///< (1,H,W) in [0,1], soft at its edges; undefined where there are none
  std::vector<flow::Window> windows;  ///< around them
};

/// What came into view and was found in no past: of `open` (1,H,W), the share that nothing was carried to,
/// what came from outside the frame or was uncovered, where it is at least about 9 px wide. At the edges of
/// what moves, flow cannot be trusted either, but nothing is new there.
FreshPlaces fresh_places(const flow::Distrust& distrust, const at::Tensor& open);

/// `start` (3,H,W) dreamed on in the windows alone, as far as the map says: round by round, each an ascent
/// with `options`, until what was added to `source` has the mean strength of what is around it in the
/// window, or after `rounds`. Windows that are too small for the networks stay as they are. `key` is the
/// frame's. All tensors on the networks' device.
at::Tensor deepened(const dream::Networks& networks, const at::Tensor& start, const at::Tensor& source,
                    const FreshPlaces& fresh, const dream::AscentOptions& options, int rounds,
                    const RandomKey& key, const dream::StepObserver& observer);

}  // namespace dreamreel::render
