#include "dreamreel/job/networks.h"

#include <algorithm>

namespace dreamreel::job {

const NetworkRef& network_of(const Job& job, const LayerObjective& objective) {
  return objective.network ? *objective.network : job.network;
}

std::vector<NetworkRef> networks_of(const Job& job) {
  std::vector<NetworkRef> refs;
  for (const auto& objective : job.dream.objectives) {
    const auto& ref = network_of(job, objective);
    if (index_of_network(refs, ref) == refs.size()) refs.push_back(ref);
  }
  return refs;
}

std::vector<NetworkRef> class_networks_of(const Job& job) {
  std::vector<NetworkRef> networks;
  const auto add = [&](const NetworkRef& network) {
    const bool is_new = std::ranges::find(networks, network.path, &NetworkRef::path) == networks.end();
    if (is_new && !class_layers_of(network).empty()) networks.push_back(network);
  };
  add(job.network);
  for (const auto& [alias, network] : job.networks) add(network);
  for (const auto& objective : job.dream.objectives)
    if (objective.network) add(*objective.network);
  return networks;
}

std::vector<NetworkRef> mask_networks_of(const Job& job) {
  std::vector<NetworkRef> networks;
  const auto add = [&](const std::optional<Mask>& mask) {
    if (!mask || !mask->network) return;
    const bool is_new = std::ranges::find(networks, mask->network->path, &NetworkRef::path) == networks.end();
    if (is_new) networks.push_back(*mask->network);
  };
  add(job.dream.mask);
  for (const auto& objective : job.dream.objectives) add(objective.mask);
  return networks;
}

}  // namespace dreamreel::job
