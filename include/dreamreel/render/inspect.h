// What is in a network, and what fires on a picture.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/network/network.h"

namespace dreamreel::render {

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

/// Of one layer on one picture.
struct LayerActivity {
  double mean = 0;
  double rms = 0;
  std::vector<ChannelActivity> top;  ///< the channels with the largest lift, best first
};

struct LayerReport {
  network::LayerInfo info;
  std::optional<LayerActivity>
      activity;  ///< none without a picture, for a layer that is not usable or too deep for it
};

/// Every layer in the order of the graph; with `image` (any picture or video that media::Reader opens, its first frame,
/// at its own size) also its activity, computed in float32 on the CPU. Throws InputError.
std::vector<LayerReport> inspect_layers(const job::NetworkRef& network,
                                        const std::optional<std::filesystem::path>& image,
                                        std::int64_t top_channels = 5);

}  // namespace dreamreel::render
