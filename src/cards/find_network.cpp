#include "dreamreel/cards/find_network.h"

#include <fmt/core.h>

#include <algorithm>

#include "dreamreel/cards/network_card.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/list_folder.h"
#include "words.h"

namespace dreamreel::cards {

namespace fs = std::filesystem;

NetworkRef find_network(const std::string& name_or_path, const Folders& folders) {
  Problems problems;
  Value value = Value::scalar(name_or_path);
  value.place.source = std::make_shared<const Source>(Source{"", fs::current_path(), 0, false});
  NetworkContext context(problems, value, folders);
  const auto ref = resolve_network(name_or_path, Site{value, "network", context});
  problems.throw_if_any();
  return *ref;
}

std::vector<std::string> card_names(const Folders& folders) {
  std::vector<std::string> names;
  for (const auto& folder : folders.card_folders) {
    for (const auto& path : list_folder(folder))
      if (path.extension() == ".yaml") names.push_back(path.stem().string());
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void require_file(const NetworkRef& network) {
  if (is_file(network.path)) return;
  const bool card = network.name != network.path;
  throw UnavailableError(fmt::format("network file {} not found{}", network.path.string(),
                                     card ? "; fetch it with dreamreel fetch " + network.name : ""));
}

}  // namespace dreamreel::cards
