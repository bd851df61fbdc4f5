#include "class_finder.h"

#include <algorithm>

#include "dreamreel/core/error.h"
#include "dreamreel/core/suggest.h"
#include "dreamreel/job/networks.h"
#include "problems.h"

namespace dreamreel::job {
namespace {

bool has_name(const Label& label, const std::string& name) {
  return std::ranges::find(label.names, name) != label.names.end();
}

}  // namespace

std::string class_layer_of(const NetworkRef& network) {
  const auto layers = class_layers_of(network);
  return layers.empty() ? "" : layers.front();
}

ClassFinder::ClassFinder(const Job& job) {
  const auto add = [&](const NetworkRef& network) {
    const bool is_new = std::ranges::find(networks_, network.path, &NetworkRef::path) == networks_.end();
    if (is_new && !class_layer_of(network).empty()) networks_.push_back(network);
  };
  add(job.network);
  for (const auto& [alias, network] : job.networks) add(network);
  for (const auto& objective : job.dream.objectives)
    if (objective.network) add(*objective.network);
}

std::vector<NetworkRef> ClassFinder::that_know(const std::string& name) {
  std::vector<NetworkRef> found;
  for (const auto& network : networks_) {
    const auto& labels = labels_of(network);
    if (labels.empty() ? !network.labels.empty() : !classes_called(labels, name).empty())
      found.push_back(network);
  }
  return found;
}

std::vector<NetworkRef> ClassFinder::of_persons() {
  std::vector<NetworkRef> found;
  for (const auto& network : networks_) {
    const auto& labels = labels_of(network);
    const auto persons = classes_called(labels, "person").size();
    const auto background =
        std::ranges::count_if(labels, [](const Label& l) { return has_name(l, "background"); });
    if (persons == 1 && labels.size() == persons + static_cast<std::size_t>(background))
      found.push_back(network);
  }
  return found;
}

std::string ClassFinder::near(const std::string& name) {
  std::vector<std::string> all;
  for (const auto& network : networks_)
    for (auto& known : job::names_of(labels_of(network))) all.push_back(std::move(known));
  return did_you_mean(name, all);
}

const std::vector<Label>& ClassFinder::labels_of(const NetworkRef& network) {
  const auto [entry, is_new] = labels_.try_emplace(network.labels);
  if (!is_new || network.labels.empty()) return entry->second;
  try {
    entry->second = read_labels(network.labels);
  } catch (const Error&) {  // loading the network reports the fault
  }
  return entry->second;
}

std::vector<NetworkRef> cards_with_classes(const LoadOptions& options) {
  std::vector<NetworkRef> cards;
  for (const auto& name : card_names(options)) {
    try {
      if (auto card = find_network(name, options); !card.class_layers.empty())
        cards.push_back(std::move(card));
    } catch (const Error&) {  // damaged cards are ignored here
    }
  }
  return cards;
}

std::string names_of(const std::vector<NetworkRef>& networks) {
  std::vector<std::string> names;
  for (const auto& network : networks) names.push_back(network.alias.empty() ? network.name : network.alias);
  return join_names(names);
}

}  // namespace dreamreel::job
