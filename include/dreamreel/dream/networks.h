// The networks that one dream uses: a view that owns nothing and is cheap to copy.
#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "dreamreel/network/network.h"

namespace dreamreel::dream {

/// At least one network. All are on one device, and either all or none are float64. They must outlive the
/// view.
class Networks {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): one is a list of one
  Networks(const network::Network& one) : all_{&one} {}
  explicit Networks(std::vector<const network::Network*> all) : all_(std::move(all)) {
    if (all_.empty()) throw std::invalid_argument("Networks: there is none");
  }

  std::size_t size() const { return all_.size(); }
  const network::Network& operator[](std::size_t i) const { return *all_[i]; }
  at::Device device() const { return all_.front()->device(); }
  /// The type of pictures: float32, or float64 for float64 networks.
  at::ScalarType picture_type() const {
    return all_.front()->precision() == network::Precision::fp64 ? at::kDouble : at::kFloat;
  }
  /// Side of the smallest square that all networks accept, px. A network for one size only accepts smaller
  /// pictures, enlarged.
  std::int64_t min_input_side() const {
    constexpr std::int64_t kMostEnlarged = 8;
    std::int64_t side = 1;
    for (const auto* network : all_)
      side = std::max(side, network->min_input_side() / (network->only_size() ? kMostEnlarged : 1));
    return side;
  }

 private:
  std::vector<const network::Network*> all_;
};

}  // namespace dreamreel::dream
