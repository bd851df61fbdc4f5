// The lesions of a job's network. Their channels are fixed for the whole job. The amount by which they are
// switched off changes over time.
#pragma once

#include <cstdint>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/curve/curve.h"
#include "dreamreel/job/job.h"
#include "dreamreel/network/network.h"

namespace dreamreel::model {

/// The names of the layers that `network` has lesions in, each once, for network::LoadOptions::ablated.
std::vector<std::string> ablated_layers(const cards::NetworkRef& network);

/// The channels of a lesion, each below `count`, in rising order. Random channels have the smallest random
/// numbers for (seed, layer, occurrence, channel), so they depend on no frame and on no other lesion.
/// `occurrence` is the number of earlier lesions in the same layer. Throws JobError for a channel that the
/// layer does not have.
std::vector<std::int64_t> lesion_channels(const cards::Ablation& ablation, std::int64_t count,
                                          std::uint64_t seed, int occurrence);

class Lesions {
 public:
  /// `network` must be loaded with ablated_layers(ref), and must outlive the object. A lesion deeper than the
  /// deepest wanted layer is left out with a message. Throws JobError for a channel that its layer does not
  /// have.
  Lesions(const cards::NetworkRef& ref, network::Network& network, std::uint64_t seed);

  /// Sets the network's factors for one frame. If several lesions include the same channel, the product of
  /// their (1 - amount) scales the channel. `ref` has the lesions of the constructor's `ref`; only the curves
  /// of their amounts may be others. Must be called between two passes, on the network's thread.
  void apply(const cards::NetworkRef& ref, const curve::CurveTime& time);

 private:
  struct Lesion {
    std::size_t layer = 0;     ///< index into Network::ablatable()
    std::size_t ablation = 0;  ///< index into NetworkRef::ablate
    std::vector<std::int64_t> channels;
  };

  network::Network& network_;
  std::vector<Lesion> lesions_;
};

}  // namespace dreamreel::model
