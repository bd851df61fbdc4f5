// The keys of a job about its networks.
#pragma once

#include "table.h"

namespace dreamreel::job {

/// `network:`, a card's name, a path ending in .onnx, or a map that says more.
Row<Job> network_row();

/// What a job's or a card's `size` is.
Row<NetworkRef> network_size_row();

/// `networks:`, more of them by name.
Row<Job> networks_row();

/// True for the paths of keys whose value is a network: one word there stands for a map with `card` or `path`.
bool names_network(const std::string& path);

/// Makes one word into that map, so that a key can be put beside it.
void widen_network(Value& value);

/// True if `over`, a map, names a network of its own, so that nothing of `base` holds for it.
bool replaces_network(const Value& base, const Value& over);

}  // namespace dreamreel::job
