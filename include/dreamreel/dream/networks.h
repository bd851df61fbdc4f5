// The networks that one dream uses: a view, cheap to copy, that owns nothing.
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

/// At least one network, all on one device, all of them float64 or none. They must outlive the view.
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
  /// What pictures come in: float32, or float64 where the networks are.
  at::ScalarType picture_type() const {
    return all_.front()->precision() == network::Precision::fp64 ? at::kDouble : at::kFloat;
  }
  /// The smallest square that all of them accept. One that takes pictures of one size alone accepts smaller ones enlarged.
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
