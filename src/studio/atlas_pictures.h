// Small pictures of what a network's layers and classes dream of, as an atlas has them. Each takes some
// seconds, so they are kept in the cache folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/core/blob_cache.h"

namespace dreamreel::studio {

/// A layer, or one class of a network.
struct AtlasWish {
  cards::NetworkRef network;
  std::string layer;                        ///< "" for a class
  std::optional<std::int64_t> class_index;  ///< its line in the label file, from 0
};

struct AtlasPicture {
  std::optional<std::int64_t> channel;  ///< nullopt: the whole layer, or the class
  std::string jpeg;
};

/// Any thread.
class AtlasPictures {
 public:
  AtlasPictures();
  /// nullopt where they have not been made yet.
  std::optional<std::vector<AtlasPicture>> known(const AtlasWish& wish) const;
  /// Makes and keeps them: of a layer, the whole and its two strongest channels; of a class, one. Throws what
  /// study::make_atlas() throws, and Interrupted once `stop` is set.
  std::vector<AtlasPicture> make(const AtlasWish& wish, const std::atomic<bool>& stop) const;

 private:
  BlobCache cache_;
};

}  // namespace dreamreel::studio
