// Converts tensors to maps in blocks of channels (Format::blocked), and back.
#pragma once

#include <ATen/ATen.h>

#include "fused_maps.h"

namespace dreamreel::network {

/// (1,C,H,W) as a blocked map of the type. Channels past the last are 0.
inline at::Tensor blocked(const at::Tensor& plain, at::ScalarType type) {
  const Map map{plain.size(1), plain.size(2), plain.size(3), Format::blocked, type};
  auto padded = at::zeros({map.outer() * map.block(), map.height, map.width}, at::kFloat);
  padded.narrow(0, 0, map.channels).copy_(plain[0]);
  return padded.view({map.outer(), map.block(), map.height, map.width})
      .permute({0, 2, 3, 1})
      .to(type)
      .contiguous();
}

/// The first `channels` channels of the map as (1,channels,H,W), float32.
inline at::Tensor plain(const at::Tensor& blocked_map, std::int64_t channels) {
  const auto planes = blocked_map.to(at::kFloat).permute({0, 3, 1, 2});
  return planes.reshape({1, -1, planes.size(2), planes.size(3)}).narrow(1, 0, channels);
}

}  // namespace dreamreel::network
