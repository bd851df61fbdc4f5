// The keys of a job that describe its networks.
#pragma once

#include "table.h"

namespace dreamreel::job {

/// `network:`: the name of a card, a path ending in .onnx, or a map with more keys.
Row<Job> network_row();

/// The key `size` of a job's network or of a card.
Row<NetworkRef> network_size_row();

/// `networks:`: more networks by name.
Row<Job> networks_row();

/// True for paths of keys whose value is a network. A single word there stands for a map with `card` or
/// `path`.
bool names_network(const std::string& path);

/// Turns such a word into its map, so that more keys can be added to it.
void widen_network(Value& value);

/// True if `over`, a map, names a network of its own, so that nothing in `base` applies to it.
bool replaces_network(const Value& base, const Value& over);

}  // namespace dreamreel::job
