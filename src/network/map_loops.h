// How whole maps (fused_maps.h) are shared out to ATen's threads.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>

#include "fused_maps.h"

namespace dreamreel::network {

inline constexpr std::int64_t kMapGrain = std::int64_t{16} * 1024;  // numbers a thread should get at least

/// action(T*) with a null pointer of the map's type.
template <typename Action>
void with_type(at::ScalarType type, const Action& action) {
  if (type == at::kFloat)
    action(static_cast<float*>(nullptr));
  else
    action(static_cast<rows::Bf16*>(nullptr));
}

/// action(begin, count) over all numbers of the map.
template <typename Action>
void over_numbers(const Map& map, const Action& action) {
  at::parallel_for(0, map.numbers(), kMapGrain,
                   [&](std::int64_t begin, std::int64_t end) { action(begin, end - begin); });
}

/// kernel(y, x, count) over the numbers of two maps of one kind.
template <typename Kernel>
void over_both(const MapView& y, const MapView& x, const Kernel& kernel) {
  with_type(y.map.type, [&]<typename T>(T*) {
    over_numbers(y.map, [&](std::int64_t begin, std::int64_t count) {
      kernel(static_cast<T*>(y.data) + begin, static_cast<const T*>(x.data) + begin, count);
    });
  });
}

/// action(outer plane, row) for each of `height` rows of every plane.
template <typename Action>
void over_rows(const Map& map, std::int64_t height, const Action& action) {
  const auto grain =
      std::max<std::int64_t>(1, kMapGrain / std::max<std::int64_t>(1, map.width * map.block()));
  at::parallel_for(0, map.outer() * height, grain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) action(i / height, i % height);
  });
}

/// action(outer plane, first row, row behind the last) for all rows: those of one thread in runs as long as
/// can be.
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
