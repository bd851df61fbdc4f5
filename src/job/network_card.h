// Network cards: YAML files beside a network that name its file and the picture format it expects.
#pragma once

#include "table.h"

namespace dreamreel::job {

/// The values that `network:` takes.
inline constexpr const char* kNetworkWhat =
    "a card name, a path ending in .onnx, or a map with a path or a card";

/// The rows of a card's `input:`. A job that gives a path may use the same keys.
const Table<NetworkInput>& network_input_table();

/// Finds a network by its name in the job's `networks`, by the name of its card, or by its path, relative to
/// the folder of the value's source. nullopt after adding a problem.
std::optional<NetworkRef> resolve_network(const std::string& name_or_path, const Site& site);

/// The network at an absolute path, as described by a card of the same stem beside it, if one exists.
std::optional<NetworkRef> network_at(const std::filesystem::path& path, const Site& site);

}  // namespace dreamreel::job
