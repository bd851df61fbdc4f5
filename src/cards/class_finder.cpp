#include "dreamreel/cards/class_finder.h"

#include <algorithm>

#include "dreamreel/core/error.h"
#include "dreamreel/core/suggest.h"
#include "words.h"

namespace dreamreel::cards {
namespace {

bool has_name(const Label& label, const std::string& name) {
  return std::ranges::find(label.names, name) != label.names.end();
}

}  // namespace

std::string class_layer_of(const NetworkRef& network) {
  const auto layers = class_layers_of(network);
  return layers.empty() ? "" : layers.front();
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
    for (auto& known : cards::names_of(labels_of(network))) all.push_back(std::move(known));
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

std::vector<NetworkRef> cards_with_classes(const Folders& folders) {
  std::vector<NetworkRef> cards;
  for (const auto& name : card_names(folders)) {
    try {
      if (auto card = find_network(name, folders); !card.class_layers.empty())
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

}  // namespace dreamreel::cards
