// What is in a network, and what fires on a picture.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/network/network.h"

namespace dreamreel::render {

struct ChannelActivity {
  std::int64_t channel = 0;
  double mean = 0;
};

/// Of one layer on one picture.
struct LayerActivity {
  double mean = 0;
  double rms = 0;
  std::vector<ChannelActivity> top;  ///< the channels with the largest mean, best first, at most 5
};

struct LayerReport {
  network::LayerInfo info;
  std::optional<LayerActivity>
      activity;  ///< none without a picture, for a layer that is not usable or too deep for it
};

/// Every layer in the order of the graph; with `image` (any picture or video that media::Reader opens, its first frame,
/// at its own size) also its activity, computed in float32 on the CPU. Throws InputError.
std::vector<LayerReport> inspect_layers(const job::NetworkRef& network,
                                        const std::optional<std::filesystem::path>& image);

}  // namespace dreamreel::render
