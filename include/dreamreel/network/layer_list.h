// The layers that a file has to offer, found without computing any activation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/network/network.h"

namespace dreamreel::network {

/// A layer that a user can ask for.
struct LayerInfo {
  std::string name;    ///< the node's name, or its output tensor's name if the node has none
  std::string tensor;  ///< the output tensor's name, which is also accepted as a layer name
  std::string op;      ///< ONNX operator
  std::int64_t channels = 0;
  double scale = 1;  ///< input pixels per position of the layer (1, 2, 4, ...); 0: the layer has no positions
  /// The only picture size that the layer runs at. nullopt: any size that is large enough.
  std::optional<PictureSize> only_size{};
  /// False if this layer, or one that it depends on, uses an unsupported operator or `needs` an input.
  bool usable = true;
  /// An input of the network, other than the picture, that the layer depends on; "" if none.
  std::string needs{};
  /// Further names of the layer. A call of a function in the file is a name of the function's result.
  std::vector<std::string> aliases{};
  /// Only one batch norm or activation function takes the layer's output. So the layer after it shows nearly
  /// the same.
  bool leads_to_activation = false;
};

/// Lists every layer of a file whose numbers depend on the picture, in the order of the graph. No activation
/// is computed, so it is fast and takes little memory for any network. Throws InputError for a file that
/// cannot be read, and UnavailableError for an opset older than 7.
std::vector<LayerInfo> list_layers(const std::filesystem::path& path);

}  // namespace dreamreel::network
