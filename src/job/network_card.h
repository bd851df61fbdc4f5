// Network cards: YAML beside a network that says which file it is and how it wants its picture.
#pragma once

#include "table.h"

namespace dreamreel::job {

/// What `network:` takes.
inline constexpr const char* kNetworkWhat =
    "a card name, a path ending in .onnx, or a map with a path or a card";

/// The rows of a card's `input:`, which a job that gives a path may say too.
const Table<NetworkInput>& network_input_table();

/// What the job's `networks` calls so, else the card by that name or the network at that path, relative to the folder
/// of the value's source; nullopt after adding a problem.
std::optional<NetworkRef> resolve_network(const std::string& name_or_path, const Site& site);

/// The network at an absolute path, as the card of the same stem beside it describes it, if there is one.
std::optional<NetworkRef> network_at(const std::filesystem::path& path, const Site& site);

}  // namespace dreamreel::job
