// What is in a network, and what fires on a picture.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/network/network.h"

namespace dreamreel::study {

/// One channel on one picture.
struct ChannelActivity {
  std::int64_t channel = 0;
  double mean = 0;
  /// How many times stronger it responds than to pictures of the same colours and frequencies without any shapes: the
  /// mean over positions of max(a, 0), divided by the same mean over a few phase-randomised twins of the picture. Above 1
  /// the channel sees something that is really there; what it always does, or does for the sake of a colour, is near 1.
  double lift = 0;
  double x = 0.5, y = 0.5;  ///< where it responds most, fractions of the picture's width and height
};

/// One class on one picture.
struct ClassActivity {
  std::int64_t channel = 0;
  std::string name;  ///< the first that the label file has; "" for a channel that the file has no line for
  /// In [0,1], at the position that rates the class highest. Of logits the sigmoid where a layer has positions, which may
  /// see several things, and the softmax over all classes where it has one.
  double probability = 0;
  double x = 0.5, y = 0.5;  ///< of that position, fractions of the picture's width and height
};

/// Of one layer on one picture.
struct LayerActivity {
  double mean = 0;
  double rms = 0;
  std::vector<ChannelActivity> top;    ///< the channels with the largest lift, best first
  std::vector<ClassActivity> classes;  ///< of a layer of classes, most probable first; without the background
};

struct LayerReport {
  network::LayerInfo info;
  /// None without a picture, for a layer that is not usable or too deep for it.
  std::optional<LayerActivity> activity;
};

/// Every layer in the order of the graph; with `image` (any picture or video that media::Reader opens, its first frame,
/// at its own size) also its activity, computed in float32 on the CPU. Throws InputError.
std::vector<LayerReport> inspect_layers(const job::NetworkRef& network,
                                        const std::optional<std::filesystem::path>& image,
                                        std::int64_t top_channels = 5);

}  // namespace dreamreel::study
