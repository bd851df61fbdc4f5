#include "class_objective.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "dreamreel/job/networks.h"

namespace dreamreel::job {
namespace {

Value* objectives_in(Value& root) {
  Value* const dream = root.find("dream");
  Value* const list = dream == nullptr ? nullptr : dream->find("objectives");
  return list != nullptr && list->is_list() ? list : nullptr;
}

std::string how_to_help(const LoadOptions& options) {
  std::vector<std::string> names;
  for (const auto& card : cards_with_classes(options)) names.push_back(card.name);
  const std::string layer = "name the layer that has its classes";
  return names.empty() ? layer
                       : fmt::format("{}, or take a network whose card does: {}", layer, join_names(names));
}

// The place of an objective in the file. An objective of a journey has the place of `dream`.
Place place_of(const Value& root, std::size_t objective) {
  const Value* const dream = root.find("dream");
  const Value* const list = dream == nullptr ? nullptr : dream->find("objectives");
  const bool listed = list != nullptr && list->is_list() && objective < list->items.size();
  return listed ? list->items[objective].place : dream == nullptr ? root.place : dream->place;
}

std::string key_of(std::size_t objective) {
  return fmt::format("dream.objectives.{}", objective);
}

void take_network(LayerObjective& objective, const NetworkRef& network, const Job& job) {
  objective.layer = class_layer_of(network);
  if (network.path != job.network.path) objective.network = network;
}

// Uses every network that knows the class: `objective` gets the first, copies get the others. False if there
// is none.
bool ask_all(LayerObjective& objective, const Job& job, ClassFinder& finder,
             std::vector<LayerObjective>& more) {
  auto known = finder.that_know(objective.class_name);
  // If only one network has classes, it is asked anyway. Its error then lists similar classes.
  if (known.empty() && finder.networks().size() == 1) known = finder.networks();
  for (std::size_t i = 1; i < known.size(); ++i) {
    take_network(more.emplace_back(objective), known[i], job);
  }
  if (!known.empty()) take_network(objective, known.front(), job);
  return !known.empty();
}

// Bounds the list, because every objective may be copied for every network of a job.
void append(std::vector<LayerObjective> more, const Value& root, Job& job, Problems& problems) {
  auto& objectives = job.dream.objectives;
  if (objectives.size() + more.size() > kMostItems)
    return problems.add(
        place_of(root, 0), "dream.objectives",
        fmt::format(
            "expected at most {} objectives, got {} with every class asked of every network that knows it",
            kMostItems, objectives.size() + more.size()));
  std::ranges::move(more, std::back_inserter(objectives));
}

}  // namespace

void complete_kinds(Value& root) {
  Value* const list = objectives_in(root);
  if (list == nullptr) return;
  for (auto& objective : list->items) {
    if (!objective.is_map() || !says(objective, "class") || says(objective, "kind")) continue;
    const Place place = objective.find("class")->place;
    std::erase_if(objective.entries, [](const auto& entry) { return entry.key == "kind"; });
    Value kind = Value::scalar("logit");
    kind.place = place;
    objective.entries.push_back({"kind", place, std::move(kind)});
  }
}

void fill_class_layers(const Value& root, Job& job, const LoadOptions& options, Problems& problems) {
  ClassFinder finder(class_networks_of(job));
  std::vector<LayerObjective> more;
  for (std::size_t i = 0; i < job.dream.objectives.size(); ++i) {
    auto& objective = job.dream.objectives[i];
    if (objective.kind != LayerObjective::Kind::logit || !objective.layer.empty()) continue;
    const bool asks_all = !objective.network && !objective.class_name.empty() && !finder.networks().empty();
    const NetworkRef& network = objective.network ? *objective.network : job.network;
    if (asks_all) {
      if (!ask_all(objective, job, finder, more))
        problems.add(
            place_of(root, i), key_of(i) + ".class",
            fmt::format("no class is called {} in the networks {}{}", in_quotes(objective.class_name),
                        names_of(finder.networks()), finder.near(objective.class_name)));
    } else if (const auto layer = class_layer_of(network); !layer.empty()) {
      objective.layer = layer;
    } else {
      problems.add(place_of(root, i), key_of(i) + ".layer",
                   fmt::format("missing; the card of network {} names no layer of classes: {}", network.name,
                               how_to_help(options)));
    }
  }
  append(std::move(more), root, job, problems);
}

void check_class_channels(const Value& root, const Job& job, Problems& problems) {
  for (std::size_t i = 0; i < job.dream.objectives.size(); ++i) {
    const auto& objective = job.dream.objectives[i];
    const NetworkRef& network = objective.network ? *objective.network : job.network;
    const auto layers = class_layers_of(network);
    if (std::ranges::find(layers, objective.layer) != layers.end()) continue;
    const auto named =
        std::ranges::find_if(objective.channels, [](const auto& c) { return !c.class_name.empty(); });
    if (named == objective.channels.end()) continue;
    problems.add(
        place_of(root, i), key_of(i) + ".channels",
        fmt::format("expected channels by their numbers, got the class {}: the card of network {}{}",
                    in_quotes(named->class_name), network.name,
                    layers.empty() ? " names no layer of classes"
                                   : fmt::format(" says that classes are the channels of {}, not of {}",
                                                 join_names(layers), objective.layer)));
  }
}

}  // namespace dreamreel::job
