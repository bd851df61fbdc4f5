// An atlas shows what the layers or channels of a network dream of: small pictures side by side, from which a
// person can choose. Every tile starts from coloured noise, or from a picture. Tiles are climbed in batches:
// several tiles are the N dimension of one forward and one backward pass, each with its own normalisation.
//
// A tile consists of Fourier coefficients, in colours along the axes in which natural pictures vary
// independently. It is climbed with Adam, and each step sees the tiles rolled, turned and scaled a little.
// (Olah, Mordvintsev, Schubert: "Feature Visualization", Distill 2017; Kingma, Ba 2015; the axes: Ruderman,
// Cronin, Chiao, JOSA A 15, 1998.) This gives large, smooth shapes. A plain gradient would prefer fine noise.
// An atlas of hundreds of tiles can afford the few dozen steps that this takes.
// Tiles of classes are climbed one by one, as a render climbs them.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/job/job.h"
#include "dreamreel/network/layer_list.h"
#include "dreamreel/network/network.h"

namespace dreamreel::study {

struct AtlasOptions {
  cards::NetworkRef network;
  /// Empty: every usable layer that has positions. Layers that lead only to a batch norm or an activation
  /// function are left out, because the layer behind them shows the same.
  std::vector<std::string> layers;
  /// Empty: three tiles for each layer. One shows the whole layer, and two show the channels that respond
  /// most to its dream. Otherwise one tile for each of these channels that the layer has.
  std::vector<cards::ChannelRange> channels;
  /// One tile for each class of the network, instead of layers and channels; if `channels` is not empty, only
  /// for the classes with these numbers. The order is the label file's. The layer is the first class layer of
  /// the network's card. These tiles are renders: over four octaves and with the other numbers of
  /// configs/class_picture.yaml, a tile climbs its class against the others, mostly where the class is
  /// already seen.
  bool classes = false;
  std::optional<std::filesystem::path> image;  ///< start of all tiles, cropped to a square; nullopt: noise
  int size = 128;                              ///< side of a tile, px
  int iterations = 96;                         ///< steps of each tile, of a class in each octave; at least 1
  std::uint64_t seed = 0;
  std::string device = "auto";  ///< as the key `device` of a job
  job::Precision precision = job::Precision::automatic;
  const std::atomic<bool>* stop = nullptr;       ///< as in RenderOptions
  std::function<void(double share)> progress{};  ///< called after every step, with 0 < share <= 1 of the work
};

struct AtlasTile {
  std::optional<std::int64_t> channel;  ///< nullopt: the whole layer
  at::Tensor picture;                   ///< (3,size,size) float32 [0,1] CPU
  std::string yaml;                     ///< the objective that dreams of this: "{layer: mixed3}"
  std::string name{};                   ///< name of the class; "" for other tiles
};

struct AtlasLayer {
  network::LayerInfo info;
  std::vector<AtlasTile> tiles;
};

struct Atlas {
  std::string network;               ///< as a job names it
  std::vector<std::string> skipped;  ///< layers that need larger tiles, and their need: "mixed5 (75 px)"
  std::vector<AtlasLayer> layers;    ///< in the order of the graph, or of AtlasOptions::layers
};

/// Throws the errors of loading the network; JobError for layers or channels that do not exist and for a
/// network without classes; InputError for the image or the label file; and Interrupted.
Atlas make_atlas(const AtlasOptions& options);

}  // namespace dreamreel::study
