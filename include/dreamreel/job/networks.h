// Which networks a job dreams with.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

/// The networks that the job's objectives name, each once, in their order. The same one with other lesions is another.
std::vector<NetworkRef> networks_of(const Job& job);

/// The networks that the job's masks are made by, each file once, in their order.
std::vector<NetworkRef> mask_networks_of(const Job& job);

/// The layers whose channels are a network's classes, best first: the layers that its card names (`classes`).
/// A card that has labels and names no layer describes a classifier: {"classes"}, which network::Network
/// takes for the layer that the file's own result comes from (network::kClassesLayer). Empty where nothing
/// says that the network has classes.
std::vector<std::string> class_layers_of(const NetworkRef& network);

/// The network that the objective names, or the job's. Valid as long as both.
const NetworkRef& network_of(const Job& job, const LayerObjective& objective);

/// Two names for a network that is the same in all that matters share its weights.
bool is_same_network(const NetworkRef& a, const NetworkRef& b);

/// The position of the same network in `refs`; their number where it is not there.
std::size_t index_of_network(const std::vector<NetworkRef>& refs, const NetworkRef& ref);

}  // namespace dreamreel::job
