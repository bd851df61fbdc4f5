#include "fused_products.h"

#include "map_loops.h"
#include "map_rows.h"

namespace dreamreel::network {
namespace {

/// Calls action(cells, offset of the cells in the map, offset of their channels in a map (C,1,1)) for each 16
/// channels of a map.
template <typename Action>
void over_channels(const Map& map, const Action& action) {
  const auto stride = map.block(), runs = (stride + rows::kMostChannels - 1) / rows::kMostChannels;
  const auto grain =
      std::max<std::int64_t>(1, kMapGrain / std::max<std::int64_t>(1, map.height * map.width * stride));
  at::parallel_for(0, map.outer() * runs, grain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      const auto plane = i / runs, channel = i % runs * rows::kMostChannels;
      const rows::Cells cells{map.height, map.width, stride, std::min(rows::kMostChannels, stride - channel)};
      action(cells, plane * map.height * map.width * stride + channel, plane * stride + channel);
    }
  });
}

float inverse_count(const Map& map) {
  return 1.0F / static_cast<float>(map.height * map.width);
}

/// y (C,1,1) <- factor * the sum of a * b over each channel; without b, of a.
void sum(const MapView& y, const MapView& a, const MapView* b, float factor, bool accumulate) {
  with_type(a.map.type, [&]<typename T>(T*) {
    over_channels(a.map, [&](const rows::Cells& cells, std::int64_t from, std::int64_t to) {
      rows::sum_cells(cells, static_cast<T*>(y.data) + to, static_cast<const T*>(a.data) + from,
                      b == nullptr ? nullptr : static_cast<const T*>(b->data) + from, factor, accumulate);
    });
  });
}

/// y <- factor * s (C,1,1), multiplied by x if x is given.
void scale(const MapView& y, const MapView* x, const MapView& s, float factor, bool accumulate) {
  with_type(y.map.type, [&]<typename T>(T*) {
    over_channels(y.map, [&](const rows::Cells& cells, std::int64_t to, std::int64_t from) {
      rows::scale_cells(cells, static_cast<T*>(y.data) + to,
                        x == nullptr ? nullptr : static_cast<const T*>(x->data) + to,
                        static_cast<const T*>(s.data) + from, factor, accumulate);
    });
  });
}

}  // namespace

void mean_of_map(const MapView& y, const MapView& x) {
  sum(y, x, nullptr, inverse_count(x.map), false);
}

void mean_of_map_gradient(const MapView& gy, const MapView& gx, bool accumulate) {
  scale(gx, nullptr, gy, inverse_count(gx.map), accumulate);
}

void multiply(const MapView& y, const MapView& a, const MapView& b, bool accumulate) {
  const bool is_one_shape = a.map.height == b.map.height && a.map.width == b.map.width;
  if (!is_one_shape) return scale(y, &a, b, 1, accumulate);
  with_type(y.map.type, [&]<typename T>(T*) {
    over_numbers(y.map, [&](std::int64_t begin, std::int64_t count) {
      rows::multiply(static_cast<T*>(y.data) + begin, static_cast<const T*>(a.data) + begin,
                     static_cast<const T*>(b.data) + begin, count, accumulate);
    });
  });
}

void sum_of_products(const MapView& y, const MapView& a, const MapView& b, bool accumulate) {
  sum(y, a, &b, 1, accumulate);
}

}  // namespace dreamreel::network
