#include "class_objective.h"

#include <string>

#include "dreamreel/core/error.h"
#include "types.h"

namespace dreamreel::job {
namespace {

Value* objectives_in(Value& root) {
  Value* const dream = root.find("dream");
  Value* const list = dream == nullptr ? nullptr : dream->find("objectives");
  return list != nullptr && list->is_list() ? list : nullptr;
}

bool says(const Value& objective, const std::string& key) {
  const Value* const value = objective.find(key);
  return value != nullptr && !value->is_null();
}

std::vector<std::string> networks_with_classes(const LoadOptions& options) {
  std::vector<std::string> names;
  for (const auto& name : card_names(options)) {
    try {
      if (!find_network(name, options).class_layers.empty()) names.push_back(name);
    } catch (const Error&) {  // a damaged card is no help here
    }
  }
  return names;
}

std::string how_to_help(const LoadOptions& options) {
  const auto names = networks_with_classes(options);
  const std::string layer = "name the layer that has its classes";
  return names.empty() ? layer : layer + ", or take a network whose card does: " + join_names(names);
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
  for (std::size_t i = 0; i < job.dream.objectives.size(); ++i) {
    auto& objective = job.dream.objectives[i];
    if (objective.kind != LayerObjective::Kind::logit || !objective.layer.empty()) continue;
    const NetworkRef& network = objective.network ? *objective.network : job.network;
    if (!network.class_layers.empty()) {
      objective.layer = network.class_layers.front();
      continue;
    }
    const Value* const dream = root.find("dream");
    const Value* const list = dream == nullptr ? nullptr : dream->find("objectives");
    const bool listed = list != nullptr && list->is_list() && i < list->items.size();
    problems.add(listed ? list->items[i].place : dream->place,
                 "dream.objectives." + std::to_string(i) + ".layer",
                 "missing; the card of network " + network.name +
                     " names no layer of classes: " + how_to_help(options));
  }
}

}  // namespace dreamreel::job
