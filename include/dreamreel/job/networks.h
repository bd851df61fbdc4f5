// Which networks a job dreams with.
#pragma once

#include <cstddef>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

/// The networks that the job's objectives name, each once, in their order. The same one with other lesions is another.
std::vector<NetworkRef> networks_of(const Job& job);

/// The networks that the job's masks are made by, each file once, in their order.
std::vector<NetworkRef> mask_networks_of(const Job& job);

/// The network that the objective names, or the job's. Valid as long as both.
const NetworkRef& network_of(const Job& job, const LayerObjective& objective);

/// Two names for a network that is the same in all that matters share its weights.
bool is_same_network(const NetworkRef& a, const NetworkRef& b);

/// The position of the same network in `refs`; their number where it is not there.
std::size_t index_of_network(const std::vector<NetworkRef>& refs, const NetworkRef& ref);

}  // namespace dreamreel::job
