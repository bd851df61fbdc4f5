// Network cards: YAML beside a network that says which file it is and how it wants its picture.
#pragma once

#include "table.h"

namespace dreamreel::job {

/// The value of `network:`: a card's name, a path ending in .onnx, or {path, order, scale, mean, std}.
Row<Job> network_row();

/// The card by that name or the network at that path, relative to the folder of the value's source; nullopt
/// after adding a problem.
std::optional<NetworkRef> resolve_network(const std::string& name_or_path, const Site& site);

}  // namespace dreamreel::job
