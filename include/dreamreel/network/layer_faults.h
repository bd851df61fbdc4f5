// Finds all wrong layer names at once, so that a user can correct them in one go.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::network {

struct LayerFault {
  std::string layer;    ///< as the caller wrote it
  std::string message;  ///< says what is wrong, with the closest names
};

/// The names in `layers` that Network::load() would refuse, in the order of `layers`. Reads the file without
/// loading the network. Throws InputError if the file is not a valid network.
std::vector<LayerFault> find_layer_faults(const std::filesystem::path& path,
                                          const std::vector<std::string>& layers);

}  // namespace dreamreel::network
