// Loaded networks that are kept for the next job that asks for the same ones: for programs that look at
// many jobs, one after the other.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "dreamreel/network/network.h"

namespace dreamreel::render {

/// One thread at a time.
class NetworkShelf {
 public:
  /// Keeps the `most` networks that were asked for last.
  explicit NetworkShelf(std::size_t most = 3) : most_(most) {}

  /// The network of these options, without any lesion. It is loaded where the shelf has none, or where the
  /// file has changed since. Throws what Network::load() throws.
  std::shared_ptr<network::Network> take(const network::LoadOptions& options);

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<network::Network> network;
  };
  std::size_t most_;
  std::deque<Kept> kept_;  // the latest first
};

}  // namespace dreamreel::render
