#include "dreamreel/network/layer_faults.h"

#include "dreamreel/core/error.h"
#include "layers.h"
#include "onnx_reader.h"

namespace dreamreel::network {

std::vector<LayerFault> find_layer_faults(const std::filesystem::path& path,
                                          const std::vector<std::string>& layers) {
  const Graph graph = read_graph(path);
  std::vector<LayerFault> faults;
  for (const auto& layer : layers) {
    try {
      find_layers(graph, {layer});
    } catch (const JobError& error) {
      faults.push_back({layer, error.what()});
    }
  }
  return faults;
}

}  // namespace dreamreel::network
