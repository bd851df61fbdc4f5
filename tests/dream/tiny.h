// The tiny network and a noise picture, for the tests in this folder.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/image/frame.h"
#include "dreamreel/network/network.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::dream {

inline network::Network tiny_network(std::vector<std::string> layers,
                                     network::Precision precision = network::Precision::fp32,
                                     std::int64_t only_side = 0) {
  const test::ScratchDir folder;
  network::LoadOptions options;
  options.path = test::write_tiny_network(folder.path());
  options.layers = std::move(layers);
  options.precision = precision;
  options.size = only_side;
  return network::Network::load(options);
}

inline at::Tensor noise_picture(std::int64_t height, std::int64_t width) {
  return image::noise_frame(height, width, {1, 2, 0, 0}, Purpose::start_noise);
}

}  // namespace dreamreel::dream
