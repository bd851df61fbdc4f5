// The gradient of objectives in all networks, each of which sees the picture whole, in tiles or in windows.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "dreamreel/dream/objective.h"
#include "tiles.h"

namespace dreamreel::dream {

/// As the public function (dreamreel/dream/objective.h). `tilings` has one entry for each network, or is
/// empty for no tiles.
Gradient evaluate(const Networks& networks, const at::Tensor& picture,
                  const std::vector<Objective>& objectives, const Tilings& tilings);

}  // namespace dreamreel::dream
