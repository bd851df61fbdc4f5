// Spreads the work on whole maps (fused_maps.h) over ATen's threads.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>

#include "fused_maps.h"

namespace dreamreel::network {

inline constexpr std::int64_t kMapGrain = std::int64_t{16} * 1024;  // the least numbers for a thread

/// Calls action(T*) with a null pointer; T is the map's type.
template <typename Action>
void with_type(at::ScalarType type, const Action& action) {
  if (type == at::kFloat)
    action(static_cast<float*>(nullptr));
  else
    action(static_cast<rows::Bf16*>(nullptr));
}

/// Calls action(begin, count) for ranges that cover all numbers of the map.
template <typename Action>
void over_numbers(const Map& map, const Action& action) {
  at::parallel_for(0, map.numbers(), kMapGrain,
                   [&](std::int64_t begin, std::int64_t end) { action(begin, end - begin); });
}

/// Calls kernel(y, x, count) for all numbers of two maps with the same layout.
template <typename Kernel>
void over_both(const MapView& y, const MapView& x, const Kernel& kernel) {
  with_type(y.map.type, [&]<typename T>(T*) {
    over_numbers(y.map, [&](std::int64_t begin, std::int64_t count) {
      kernel(static_cast<T*>(y.data) + begin, static_cast<const T*>(x.data) + begin, count);
    });
  });
}

/// Calls action(outer plane, row) for each of `height` rows of every outer plane.
template <typename Action>
void over_rows(const Map& map, std::int64_t height, const Action& action) {
  const auto grain =
      std::max<std::int64_t>(1, kMapGrain / std::max<std::int64_t>(1, map.width * map.block()));
  at::parallel_for(0, map.outer() * height, grain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) action(i / height, i % height);
  });
}

/// Calls action(outer plane, first row, row after the last) for runs that cover all rows. A thread's runs are
/// as long as possible.
template <typename Action>
void over_row_runs(const Map& map, const Action& action) {
  const auto grain =
      std::max<std::int64_t>(1, kMapGrain / std::max<std::int64_t>(1, map.width * map.block()));
  at::parallel_for(0, map.outer() * map.height, grain, [&](std::int64_t begin, std::int64_t end) {
    while (begin < end) {
      const auto outer = begin / map.height, behind = std::min(end, (outer + 1) * map.height);
      action(outer, begin - outer * map.height, behind - outer * map.height);
      begin = behind;
    }
  });
}

}  // namespace dreamreel::network
