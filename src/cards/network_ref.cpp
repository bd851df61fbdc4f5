#include "dreamreel/cards/network_ref.h"

#include <algorithm>

namespace dreamreel::cards {

std::vector<std::string> class_layers_of(const NetworkRef& network) {
  if (!network.class_layers.empty() || network.labels.empty()) return network.class_layers;
  return {"classes"};
}

bool is_same_network(const NetworkRef& a, const NetworkRef& b) {
  return a.name == b.name && a.input == b.input && a.ablate == b.ablate && a.size == b.size;
}

std::size_t index_of_network(const std::vector<NetworkRef>& refs, const NetworkRef& ref) {
  return static_cast<std::size_t>(
      std::ranges::find_if(refs, [&](const auto& other) { return is_same_network(other, ref); }) -
      refs.begin());
}

}  // namespace dreamreel::cards
