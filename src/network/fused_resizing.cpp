#include "fused_resizing.h"

#include <utility>

#include "map_loops.h"
#include "map_rows.h"

namespace dreamreel::network {

Resizing::Axis::Axis(const AxisSamples& samples, std::int64_t size)
    : in(size), out(static_cast<std::int64_t>(samples.low.size())) {
  std::vector<std::vector<std::pair<std::int32_t, float>>> taken(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < samples.low.size(); ++i) {
    low.push_back(static_cast<std::int32_t>(samples.low[i]));
    high.push_back(static_cast<std::int32_t>(samples.high[i]));
    weights.push_back(static_cast<float>(samples.weights[i]));
    const auto result = static_cast<std::int32_t>(i);
    taken[static_cast<std::size_t>(samples.low[i])].emplace_back(result, 1 - weights.back());
    if (weights.back() != 0)
      taken[static_cast<std::size_t>(samples.high[i])].emplace_back(result, weights.back());
  }
  begins.push_back(0);
  for (const auto& list : taken) {
    for (const auto& [result, share] : list) {
      results.push_back(result);
      shares.push_back(share);
    }
    begins.push_back(static_cast<std::int32_t>(results.size()));
  }
}

Resizing::Resizing(const AxisSamples& rows, const AxisSamples& columns, std::int64_t height,
                   std::int64_t width)
    : rows_(rows, height), columns_(columns, width) {}

void Resizing::run(const MapView& x, const MapView& y) const {
  const auto between = [](const Axis& axis) {
    return rows::Between{axis.low.data(), axis.high.data(), axis.weights.data(), axis.in, axis.out};
  };
  const auto inner = y.map.block();
  const auto in_plane = rows_.in * columns_.in * inner, out_plane = rows_.out * columns_.out * inner;
  with_type(y.map.type, [&]<typename T>(T*) {
    over_rows(y.map, y.map.height, [&](std::int64_t outer, std::int64_t row) {
      rows::resize_row(between(rows_), between(columns_), inner, row,
                       static_cast<const T*>(x.data) + outer * in_plane,
                       static_cast<T*>(y.data) + outer * out_plane);
    });
  });
}

void Resizing::gradient(const MapView& gy, const MapView& gx, bool accumulate) const {
  const auto shares = [](const Axis& axis) {
    return rows::Shares{axis.begins.data(), axis.results.data(), axis.shares.data(), axis.in, axis.out};
  };
  const auto inner = gx.map.block();
  const auto in_plane = rows_.in * columns_.in * inner, out_plane = rows_.out * columns_.out * inner;
  with_type(gx.map.type, [&]<typename T>(T*) {
    over_rows(gx.map, gx.map.height, [&](std::int64_t outer, std::int64_t row) {
      rows::resize_row_gradient(shares(rows_), shares(columns_), inner, row,
                                static_cast<const T*>(gy.data) + outer * out_plane,
                                static_cast<T*>(gx.data) + outer * in_plane, accumulate);
    });
  });
}

}  // namespace dreamreel::network
