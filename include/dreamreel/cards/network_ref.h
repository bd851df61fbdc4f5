// A network as its card and the job describe it: its file, its classes and its lesions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/curve/curve.h"

namespace dreamreel::cards {

using curve::Curve;

/// The picture format that a network expects; see network::InputScaling.
struct NetworkInput {
  std::string order = "rgb";
  double scale = 1;
  std::array<double, 3> mean{0, 0, 0}, std{1, 1, 1};
  bool operator==(const NetworkInput&) const = default;
};

/// Channels first..last of a layer, both included; or one channel with the name of its class.
struct ChannelRange {
  int first = 0, last = 0;
  /// A name in the network's label file; "" if numbers are given. Lesions always have numbers.
  std::string class_name{};
  bool operator==(const ChannelRange&) const = default;
};

/// A lesion: channels of a layer that are weakened while the network runs.
struct Ablation {
  std::string layer;
  std::vector<ChannelRange> channels;  ///< empty if channels are drawn at random
  /// Share of the layer's channels to draw, in [0,1]; the job's seed decides which.
  std::optional<double> random;
  Curve amount = 1;  ///< in [0,1]; 0: untouched, 1: silent
  bool operator==(const Ablation&) const = default;
};

/// The npm package out of which scripts/fetch_network.sh makes a network's file. All members are "" if the
/// card names no package.
struct NetworkSource {
  std::string package;    ///< name@version
  std::string integrity;  ///< npm's checksum of the package
  std::string model;      ///< the file or folder within the package
  std::string converter;  ///< NAME of scripts/convert_NAME.py
  bool operator==(const NetworkSource&) const = default;
};

/// A network, described by its card or by a bare path.
struct NetworkRef {
  std::string name = "inception_v3";  ///< name of the card, or the absolute path if the job gives a path
  std::string alias;                  ///< name in the job's `networks`; "" for all other networks
  std::filesystem::path path;  ///< the .onnx file; the place where it belongs if it has not been fetched yet
  NetworkInput input;
  std::string sha256;       ///< "" if the card gives none
  std::uint64_t bytes = 0;  ///< size of the file; 0 if the card does not give it
  std::string description, licence, url;
  std::string origin;            ///< who made the network, out of what data, and under which terms
  NetworkSource made_from;       ///< set if the file is made, not downloaded
  std::string fetch;             ///< a note on how to get the file if it has no url
  std::filesystem::path labels;  ///< file with the names of the classes, see labels.h; "" if there is none
  /// Layers whose channels are the classes, in the order of `labels`; the best layer comes first.
  std::vector<std::string> class_layers;
  int side = 0;  ///< px; longer side of the pictures in the network's training; 0 if unknown
  std::vector<std::string> recommended_layers, recommended_looks;
  std::vector<Ablation> ablate;  ///< set by the job, never by a card
  std::optional<int> size{};     ///< px; the network sees only squares of this side
  bool operator==(const NetworkRef&) const = default;
};

/// The layers whose channels are a network's classes, best layer first. These are the layers that its card
/// names (`classes`). A card with labels but without such layers describes a classifier; the result is then
/// {"classes"}. network::Network takes this name for the layer of the file's own result
/// (network::kClassesLayer). Empty if the network has no known classes.
std::vector<std::string> class_layers_of(const NetworkRef& network);

/// Whether two references need the same weights, input scaling, lesions and size. Such networks are loaded
/// once.
bool is_same_network(const NetworkRef& a, const NetworkRef& b);

/// The index of the same network in `refs`, or refs.size() if it is not there.
std::size_t index_of_network(const std::vector<NetworkRef>& refs, const NetworkRef& ref);

}  // namespace dreamreel::cards
