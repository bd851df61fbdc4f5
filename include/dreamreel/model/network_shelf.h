// Keeps loaded networks for the next job that asks for the same ones. It serves programs that work on many
// jobs, one after the other.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "dreamreel/network/network.h"

namespace dreamreel::model {

/// Only one thread at a time may use it.
class NetworkShelf {
 public:
  /// Keeps the `most` networks that were asked for last; at least 1.
  explicit NetworkShelf(std::size_t most = 3) : most_(most) {}

  /// The network for these options, without any lesion. It is loaded if the shelf lacks it, or if the file
  /// has changed since then, or if an earlier user still has that network. Throws what Network::load()
  /// throws.
  std::shared_ptr<network::Network> take(const network::LoadOptions& options);

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<network::Network> network;
  };
  std::size_t most_;
  std::deque<Kept> kept_;  // the latest comes first
};

}  // namespace dreamreel::model
