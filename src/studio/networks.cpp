#include "networks.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "api_error.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/job/labels.h"
#include "dreamreel/job/networks.h"

namespace dreamreel::studio {
namespace {

bool is_there(const std::filesystem::path& path) {
  std::error_code unreadable;
  return std::filesystem::exists(path, unreadable);
}

job::NetworkRef find(const std::string& name, const Workspace& workspace) {
  const auto options = job::default_load_options();
  const auto cards = job::card_names(options);
  if (std::ranges::find(cards, name) != cards.end()) return job::find_network(name, options);
  const auto file = workspace.inside(name);
  if (!is_there(file)) throw ApiError(404, printable(name) + ": expected the name of a card or of a file");
  return job::find_network(file.string(), options);
}

}  // namespace

nlohmann::json list_networks() {
  const auto options = job::default_load_options();
  auto networks = nlohmann::json::array();
  for (const auto& name : job::card_names(options)) {
    try {
      const auto network = job::find_network(name, options);
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
  const auto network = find(name, workspace);
  auto classes = nlohmann::json::array();
  if (!network.labels.empty() && is_there(network.labels) && jobs.may_read(network.labels))
    for (const auto& label : job::read_labels(network.labels)) classes.push_back(label.names);
  return {{"name", name},
          {"description", network.description},
          {"is_fetched", is_there(network.path)},
          {"layers", network.recommended_layers},
          {"class_layers", job::class_layers_of(network)},
          {"classes", classes}};
}

std::string network_name(const job::NetworkRef& network, const Workspace& workspace) {
  if (network.name != network.path) return network.name;
  return workspace.holds(network.path) ? workspace.name_of(network.path) : "";
}

}  // namespace dreamreel::studio
