// Lists the networks that a job uses.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

/// The networks of the job's objectives, each once, in the order of the objectives. Two uses of a network
/// with different lesions count as two networks.
std::vector<NetworkRef> networks_of(const Job& job);

/// The networks that make the job's masks, each file once, in the order of the masks.
std::vector<NetworkRef> mask_networks_of(const Job& job);

/// The layers whose channels are a network's classes, best layer first. These are the layers that its card
/// names (`classes`). A card with labels but without such layers describes a classifier; the result is then
/// {"classes"}. network::Network takes this name for the layer of the file's own result
/// (network::kClassesLayer). Empty if the network has no known classes.
std::vector<std::string> class_layers_of(const NetworkRef& network);

/// The network that the objective names, or the job's own. The reference is valid as long as both live.
const NetworkRef& network_of(const Job& job, const LayerObjective& objective);

/// Whether two references need the same weights, input scaling, lesions and size. Such networks are loaded
/// once.
bool is_same_network(const NetworkRef& a, const NetworkRef& b);

/// The index of the same network in `refs`, or refs.size() if it is not there.
std::size_t index_of_network(const std::vector<NetworkRef>& refs, const NetworkRef& ref);

}  // namespace dreamreel::job
