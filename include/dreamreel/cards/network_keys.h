// The keys that describe networks in a document.
#pragma once

#include <map>
#include <string>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/settings/table.h"

namespace dreamreel::cards {

/// `network:`: the name of a card, a path ending in .onnx, or a map with more keys.
settings::Row<NetworkRef> network_row();

/// The key `size` of a network or of a card.
settings::Row<NetworkRef> network_size_row();

/// `networks:`: more networks by name. The keys that are read after it may use these names.
settings::Row<std::map<std::string, NetworkRef>> networks_row();

/// True for paths of keys whose value is a network. A single word there stands for a map with `card` or
/// `path`.
bool names_network(const std::string& path);

/// Turns such a word into its map, so that more keys can be added to it.
void widen_network(settings::Value& value);

/// True if `over`, a map, names a network of its own, so that nothing in `base` applies to it.
bool replaces_network(const settings::Value& base, const settings::Value& over);

}  // namespace dreamreel::cards
