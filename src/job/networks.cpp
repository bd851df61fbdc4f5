#include "dreamreel/job/networks.h"

#include <algorithm>

namespace dreamreel::job {

std::vector<std::string> class_layers_of(const NetworkRef& network) {
  if (!network.class_layers.empty() || network.labels.empty()) return network.class_layers;
  return {"classes"};
}

const NetworkRef& network_of(const Job& job, const LayerObjective& objective) {
  return objective.network ? *objective.network : job.network;
}

bool is_same_network(const NetworkRef& a, const NetworkRef& b) {
  return a.name == b.name && a.input == b.input && a.ablate == b.ablate && a.size == b.size;
}

std::size_t index_of_network(const std::vector<NetworkRef>& refs, const NetworkRef& ref) {
  return static_cast<std::size_t>(
      std::ranges::find_if(refs, [&](const auto& other) { return is_same_network(other, ref); }) -
      refs.begin());
}

std::vector<NetworkRef> networks_of(const Job& job) {
  std::vector<NetworkRef> refs;
  for (const auto& objective : job.dream.objectives) {
    const auto& ref = network_of(job, objective);
    if (index_of_network(refs, ref) == refs.size()) refs.push_back(ref);
  }
  return refs;
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
