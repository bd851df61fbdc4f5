#include "fused_regions.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace dreamreel::network {
namespace {

constexpr std::int64_t kAlignment = 64;  // bytes: a cache line and a vector

}  // namespace

std::int64_t place_regions(std::deque<Region>& regions) {
  // First fit, the largest first. Only regions in use at the same time must not overlap.
  std::vector<Region*> order;
  for (auto& region : regions)
    if (region.end >= region.begin && region.bytes > 0) order.push_back(&region);
  std::ranges::stable_sort(order, std::greater(), &Region::bytes);
  std::int64_t bytes = 0;
  std::vector<Region*> placed;  // by offset
  for (auto* region : order) {
    region->offset = 0;
    for (const auto* other : placed) {
      if (other->end < region->begin || other->begin > region->end) continue;
      if (other->offset >= region->offset + region->bytes) break;
      const auto end = (other->offset + other->bytes + kAlignment - 1) / kAlignment * kAlignment;
      region->offset = std::max(region->offset, end);
    }
    placed.insert(std::ranges::upper_bound(placed, region->offset, {}, &Region::offset), region);
    bytes = std::max(bytes, region->offset + region->bytes);
  }
  return bytes;
}

}  // namespace dreamreel::network
