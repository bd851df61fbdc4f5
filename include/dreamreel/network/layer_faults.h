// What is wrong with the names of layers, all of them at once.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::network {

struct LayerFault {
  std::string layer;    ///< as it was asked for
  std::string message;  ///< with the closest names
};

/// The names in `layers` that Network::load() would refuse, in the order of `layers`. Reads the file without
/// loading the network. Throws InputError for a file that is no network.
std::vector<LayerFault> find_layer_faults(const std::filesystem::path& path,
                                          const std::vector<std::string>& layers);

}  // namespace dreamreel::network
