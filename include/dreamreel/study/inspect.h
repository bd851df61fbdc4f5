// Lists the layers of a network, and what responds to a picture.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/job/job.h"
#include "dreamreel/network/layer_list.h"
#include "dreamreel/network/network.h"

namespace dreamreel::study {

/// The response of one channel to one picture.
struct ChannelActivity {
  std::int64_t channel = 0;
  double mean = 0;
  /// How many times stronger the channel responds than to pictures with the same colours and frequencies but
  /// no shapes. It is the mean over positions of max(a, 0), divided by the same mean over a few
  /// phase-randomised twins of the picture. Above 1 the channel sees something that is really there. A
  /// response that is always there, or is due to colours only, gives about 1.
  double lift = 0;
  double x = 0.5, y = 0.5;  ///< place of the largest response, as fractions of width and height
};

/// The rating of one class on one picture.
struct ClassActivity {
  std::int64_t channel = 0;
  std::string name;  ///< first name in the label file; "" if the file has no line for the channel
  /// In [0,1], at the position that rates the class highest. network::class_probabilities() makes
  /// probabilities of a layer's logits.
  double probability = 0;
  double x = 0.5, y = 0.5;  ///< this position, as fractions of the picture's width and height
};

/// The response of one layer to one picture.
struct LayerActivity {
  double mean = 0;
  double rms = 0;
  std::vector<ChannelActivity> top;    ///< the channels with the largest lift, best first
  std::vector<ClassActivity> classes;  ///< of a layer of classes, likeliest first, without the background
};

struct LayerReport {
  network::LayerInfo info;
  /// nullopt if there is no picture, if the layer is not usable, or if it is too deep for the picture.
  std::optional<LayerActivity> activity;
};

/// Lists every layer in the order of the graph. With `image`, also its activity, computed in float32 on the
/// CPU. The image is the first frame, at its own size, of any picture or video that media::Reader opens.
/// Throws InputError.
std::vector<LayerReport> inspect_layers(const cards::NetworkRef& network,
                                        const std::optional<std::filesystem::path>& image,
                                        std::int64_t top_channels = 5);

}  // namespace dreamreel::study
