// Places that came into view, and that no past has, get the depth of a dream at once (temporal.deepen).
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/flow/distant.h"
#include "dreamreel/flow/reliability.h"

namespace dreamreel::carry {

/// Random numbers of an ascent are told apart by its octaves. Rounds of ascents begin this many octaves
/// apart: more than there are octaves, so that no two rounds share random numbers.
inline constexpr int kOctavesOfARound = 32;

/// Of one frame.
struct FreshPlaces {
  at::Tensor map;  ///< (1,H,W) in [0,1], soft at its edges; undefined where there are none
  std::vector<flow::PlaceWindow> windows;  ///< around them
};

/// The places that came into view and were found in no past. `open` (1,H,W) is the share of each place that
/// nothing was carried to. A fresh place is open, came from outside the frame or was uncovered, and is at
/// least about 9 px wide. Edges of motion are left out: flow cannot be trusted there, but nothing is new.
FreshPlaces fresh_places(const flow::Distrust& distrust, const at::Tensor& open);

/// `start` (3,H,W), dreamed on at the fresh places. Each round is an ascent of every window with `options`. A
/// window is finished when the dream at its fresh places has the mean strength of the dream around them, or
/// after `rounds`. Windows that are too small for the networks stay as they are. `key` is the frame's. All
/// tensors are on the networks' device.
at::Tensor deepened(const dream::Networks& networks, const at::Tensor& start, const at::Tensor& source,
                    const FreshPlaces& fresh, const dream::AscentOptions& options, int rounds,
                    const RandomKey& key, const dream::StepObserver& observer);

}  // namespace dreamreel::carry
