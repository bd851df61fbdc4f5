#include "networks.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "api_error.h"
#include "dreamreel/cards/find_network.h"
#include "dreamreel/cards/labels.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/study/inspect.h"

namespace dreamreel::studio {
namespace {

bool is_there(const std::filesystem::path& path) {
  std::error_code unreadable;
  return std::filesystem::exists(path, unreadable);
}

// The layers that may be dreamed of, beside the recommended ones. A file that cannot be read has none.
std::vector<std::string> other_layers(const cards::NetworkRef& network) {
  constexpr std::size_t kMostLayers = 500;
  std::vector<std::string> names;
  try {
    for (const auto& [layer, activity] : study::inspect_layers(network, {})) {
      const auto is_recommended = [&network](const std::string& name) {
        return std::ranges::find(network.recommended_layers, name) != network.recommended_layers.end();
      };
      const bool is_known = is_recommended(layer.name) || is_recommended(layer.tensor) ||
                            std::ranges::any_of(layer.aliases, is_recommended);
      const bool has_place = layer.usable && layer.scale > 0 && layer.channels > 0;
      if (has_place && !layer.leads_to_activation && !is_known && names.size() < kMostLayers)
        names.push_back(layer.name);
    }
  } catch (const Error&) {  // previews say what is wrong with it
  }
  return names;
}

}  // namespace

cards::NetworkRef network_called(const std::string& name, const Workspace& workspace) {
  const auto options = job::default_load_options();
  const auto cards = cards::card_names(options);
  if (std::ranges::find(cards, name) != cards.end()) return cards::find_network(name, options);
  const auto file = workspace.inside(name);
  if (!is_there(file)) throw ApiError(404, printable(name) + ": expected the name of a card or of a file");
  return cards::find_network(file.string(), options);
}

nlohmann::json list_networks() {
  const auto options = job::default_load_options();
  auto networks = nlohmann::json::array();
  for (const auto& name : cards::card_names(options)) {
    try {
      const auto network = cards::find_network(name, options);
      networks.push_back({{"name", name},
                          {"description", network.description},
                          {"is_fetched", is_there(network.path)},
                          {"has_classes", !network.labels.empty()}});
    } catch (const Error&) {  // a damaged card hides no other
    }
  }
  return {{"networks", networks}};
}

nlohmann::json describe_network(const std::string& name, const Workspace& workspace, const Jobs& jobs) {
  const auto network = network_called(name, workspace);
  auto classes = nlohmann::json::array();
  if (!network.labels.empty() && is_there(network.labels) && jobs.may_read(network.labels))
    for (const auto& label : cards::read_labels(network.labels)) classes.push_back(label.names);
  const bool is_readable = is_there(network.path) && jobs.may_read(network.path);
  return {{"name", name},
          {"description", network.description},
          {"is_fetched", is_there(network.path)},
          {"layers", network.recommended_layers},
          {"other_layers", is_readable ? other_layers(network) : std::vector<std::string>()},
          {"class_layers", cards::class_layers_of(network)},
          {"classes", classes}};
}

std::string network_name(const cards::NetworkRef& network, const Workspace& workspace) {
  if (network.name != network.path) return network.name;
  return workspace.holds(network.path) ? workspace.name_of(network.path) : "";
}

}  // namespace dreamreel::studio
