// Network cards: YAML files beside a network that name its file and the picture format it expects.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "dreamreel/cards/find_network.h"
#include "dreamreel/cards/network_ref.h"
#include "dreamreel/settings/table.h"

namespace dreamreel::cards {

/// The values that `network:` takes.
inline constexpr const char* kNetworkWhat =
    "a card name, a path ending in .onnx, or a map with a path or a card";

/// The context of documents that name networks.
struct NetworkContext : settings::Context {
  NetworkContext(settings::Problems& found, const settings::Value& document, const Folders& searched)
      : Context(found, document), folders(searched) {}

  const Folders& folders;
  std::map<std::string, NetworkRef> networks{};  ///< the document's own, once they have been read
};

/// The context of a site in such a document. Throws std::bad_cast in any other.
NetworkContext& network_context(const settings::Site& site);

/// The rows of a card's `input:`. A job that gives a path may use the same keys.
const settings::Table<NetworkInput>& network_input_table();

/// Finds a network by its name in the job's `networks`, by the name of its card, or by its path, relative to
/// the folder of the value's source. nullopt after adding a problem.
std::optional<NetworkRef> resolve_network(const std::string& name_or_path, const settings::Site& site);

/// The network at an absolute path, as described by a card of the same stem beside it, if one exists.
std::optional<NetworkRef> network_at(const std::filesystem::path& path, const settings::Site& site);

}  // namespace dreamreel::cards
