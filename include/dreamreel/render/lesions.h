// The lesions of a job's network: which channels, fixed for the whole job, and how much of them is off at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "dreamreel/curve/curve.h"
#include "dreamreel/job/job.h"
#include "dreamreel/network/network.h"

namespace dreamreel::render {

/// The layers that `network` cuts into, each once: for network::LoadOptions::ablated.
std::vector<std::string> ablated_layers(const job::NetworkRef& network);

/// The channels below `count` that a lesion takes, in rising order. Random ones are those with the smallest random
/// numbers for (seed, layer, occurrence, channel): they depend on no frame and on no other lesion. `occurrence`: how many
/// lesions of the same layer come before it. Throws JobError for a channel that the layer has not.
std::vector<std::int64_t> lesion_channels(const job::Ablation& ablation, std::int64_t count,
                                          std::uint64_t seed, int occurrence);

class Lesions {
 public:
  /// `network`, loaded with ablated_layers(ref), must outlive this. A layer past the deepest wanted one is left out with
  /// a message. Throws JobError.
  Lesions(const job::NetworkRef& ref, network::Network& network, std::uint64_t seed);

  /// Sets the network's factors for one frame: where several lesions take the same channel, it is scaled by the product
  /// of their (1 - amount). Call between two passes, on the network's thread.
  void apply(const curve::CurveTime& time);

 private:
  struct Lesion {
    std::size_t layer = 0;  ///< index into Network::ablatable()
    std::vector<std::int64_t> channels;
    curve::Curve amount;
  };

  network::Network& network_;
  std::vector<Lesion> lesions_;
};

}  // namespace dreamreel::render
