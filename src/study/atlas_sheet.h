// An atlas as one labelled picture.
#pragma once

#include "dreamreel/study/atlas.h"

namespace dreamreel::study {

/// (3,H,W) float32 in [0,1] on the CPU.
at::Tensor atlas_sheet(const Atlas& atlas);

}  // namespace dreamreel::study
