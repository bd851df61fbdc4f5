// Flow over several frames, out of the flow from frame to frame. Rules of flow.h.
#pragma once

#include "dreamreel/flow/flow.h"

namespace dreamreel::flow {

/// The flow from the first frame of `first` to the second one of `second`, by way of the frame that both
/// share: at p it is s(p) + f(p + s(p)), the further field read bilinearly, its edge repeated outside the
/// frame.
FlowPair composed(const FlowPair& first, const FlowPair& second);

}  // namespace dreamreel::flow
