// An atlas: what the layers or channels of a network dream of, as small pictures side by side, so that a person can
// choose by looking. Every tile starts from coloured noise, or from a picture, and is climbed in batches: several tiles
// are the N dimension of one forward and one backward pass, each with its own normalisation.
//
// A tile is made of Fourier coefficients, in colours along the axes in which natural pictures vary independently, and
// climbed with Adam, while each step sees the tiles rolled, turned and scaled a little (Olah, Mordvintsev, Schubert:
// "Feature Visualization", Distill 2017; Kingma, Ba 2015; the axes: Ruderman, Cronin, Chiao, JOSA A 15, 1998). That
// gives large, smooth shapes instead of the fine noise that a plain gradient prefers, at the few dozen steps that an
// atlas of hundreds of tiles can afford.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/network/network.h"

namespace dreamreel::study {

struct AtlasOptions {
  job::NetworkRef network;
  /// Empty: every usable layer that has positions, but for those that only lead into a batch norm or an activation
  /// function, since the layer behind them shows the same.
  std::vector<std::string> layers;
  /// Empty: three tiles a layer, the whole of it and the two channels that make the most of its dream. Else one tile for
  /// each of these channels that the layer has.
  std::vector<job::ChannelRange> channels;
  /// One tile for each class of the network in place of layers and channels, in the order of its label file, and of
  /// the first class layer of its card. A tile climbs its class against the others, where it is seen already.
  bool classes = false;
  std::optional<std::filesystem::path> image;  ///< where tiles start, cropped to a square; nullopt: noise
  int size = 128;                              ///< px, of a tile's side
  int iterations = 96;
  std::uint64_t seed = 0;
  std::string device = "auto";
  job::Precision precision = job::Precision::automatic;
  const std::atomic<bool>* stop = nullptr;       ///< as in RenderOptions
  std::function<void(double share)> progress{};  ///< called after every step, with 0 < share <= 1 of the work
};

struct AtlasTile {
  std::optional<std::int64_t> channel;  ///< none: the whole layer
  at::Tensor picture;                   ///< (3,size,size) float32 [0,1] CPU
  std::string yaml;                     ///< the objective that dreams of it: "{layer: mixed3}"
  std::string name{};                   ///< of a class; "" for others
};

struct AtlasLayer {
  network::LayerInfo info;
  std::vector<AtlasTile> tiles;
};

struct Atlas {
  std::string network;               ///< as a job names it
  std::vector<std::string> skipped;  ///< layers that need larger tiles, with what they need: "mixed5 (75 px)"
  std::vector<AtlasLayer> layers;    ///< in the order of the graph, or as asked for
};

/// Throws what loading the network throws, JobError for a layer or channels that are not there or a network without
/// classes, InputError for the image or the label file, Interrupted.
Atlas make_atlas(const AtlasOptions& options);

}  // namespace dreamreel::study
