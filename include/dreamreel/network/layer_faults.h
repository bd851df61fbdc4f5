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

/// Those of `layers` that Network::load() would refuse for their name, in their order. Reads the file, loads
/// nothing. Throws InputError for a file that is no network.
std::vector<LayerFault> find_layer_faults(const std::filesystem::path& path,
                                          const std::vector<std::string>& layers);

}  // namespace dreamreel::network
