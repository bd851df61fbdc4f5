// The device on which a job's networks run, their precision, and the scaling of their input.
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/job/job.h"
#include "dreamreel/network/network.h"

namespace dreamreel::model {

/// "auto" is CUDA if a GPU is available, else the CPU. Throws UnavailableError if the job names a device that
/// is not available.
at::Device resolve_device(const std::string& device);

/// "auto" is network::best_precision(device).
network::Precision resolve_precision(job::Precision precision, const at::Device& device);

network::InputScaling input_scaling(const cards::NetworkInput& input);

}  // namespace dreamreel::model
