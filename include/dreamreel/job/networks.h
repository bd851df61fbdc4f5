// Lists the networks that a job uses.
#pragma once

#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

/// The networks of the job's objectives, each once, in the order of the objectives. Two uses of a network
/// with different lesions count as two networks.
std::vector<NetworkRef> networks_of(const Job& job);

/// The networks that make the job's masks, each file once, in the order of the masks.
std::vector<NetworkRef> mask_networks_of(const Job& job);

/// The networks with layers of classes that the job names for itself and its objectives. The job's own
/// network comes first. Each file counts once, so a network with lesions and the whole network are one.
std::vector<NetworkRef> class_networks_of(const Job& job);

/// The network that the objective names, or the job's own. The reference is valid as long as both live.
const NetworkRef& network_of(const Job& job, const LayerObjective& objective);

}  // namespace dreamreel::job
