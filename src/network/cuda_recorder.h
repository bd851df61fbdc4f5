// Records passes as CUDA graphs.
#pragma once

#include <c10/core/Device.h>

#include <memory>

#include "recorded_executor.h"

namespace dreamreel::network {

/// nullptr for devices other than CUDA, and if dreamreel was built without DREAMREEL_CUDA.
std::unique_ptr<Recorder> cuda_recorder(const at::Device& device);

}  // namespace dreamreel::network
