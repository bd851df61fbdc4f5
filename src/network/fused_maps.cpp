#include "fused_maps.h"

#include <algorithm>
#include <cstring>

#include "kernels.h"
#include "map_loops.h"

namespace dreamreel::network {
namespace {

/// How many of `size` positions, `step` apart from `first` on, lie inside [0, limit).
std::int64_t landing(std::int64_t size, std::int64_t step, std::int64_t first, std::int64_t limit) {
  return limit <= first ? 0 : std::min(size, (limit - first + step - 1) / step);
}

}  // namespace

std::int64_t Map::block() const {
  switch (format) {
    case Format::planar:
      return 1;
    case Format::channels_last:
      return channels;
    case Format::blocked:
      return block_channels();
  }
  return 1;
}

std::int64_t Map::bytes() const {
  return numbers() * static_cast<std::int64_t>(c10::elementSize(type));
}

std::int64_t Map::byte_offset(std::int64_t channel) const {
  return channel * height * width * static_cast<std::int64_t>(c10::elementSize(type));
}

MapView view_of(const at::Tensor& tensor) {
  return {{tensor.size(1), tensor.size(2), tensor.size(3), Format::channels_last, tensor.scalar_type()},
          tensor.data_ptr()};
}

void copy_channels(const MapView& dst, std::int64_t to, const MapView& src, std::int64_t from,
                   std::int64_t count, bool accumulate, const Spread& spread) {
  if (count == 0) return;
  const Map &d = dst.map, &s = src.map;
  const auto height = landing(s.height, spread.step_y, spread.y0, d.height);
  const auto width = landing(s.width, spread.step_x, spread.x0, d.width);
  with_type(d.type, [&]<typename T>(T*) {
    auto* const out = static_cast<T*>(dst.data);
    const auto* const in = static_cast<const T*>(src.data);
    // Channels that lie together on both sides form a run. The rows of all runs are spread over the threads
    // at once.
    struct Run {
      std::int64_t out, in, channels;
    };
    std::vector<Run> runs;
    for (std::int64_t done = 0; done < count;) {
      const auto a = to + done, b = from + done;
      const auto run = std::min({count - done, d.block() - a % d.block(), s.block() - b % s.block()});
      runs.push_back({a / d.block() * d.block() * d.height * d.width + a % d.block(),
                      b / s.block() * s.block() * s.height * s.width + b % s.block(), run});
      done += run;
    }
    const auto jobs = static_cast<std::int64_t>(runs.size()) * height;
    const auto grain =
        std::max<std::int64_t>(1, kMapGrain / std::max<std::int64_t>(1, width * runs.front().channels));
    at::parallel_for(0, jobs, grain, [&](std::int64_t begin, std::int64_t end) {
      for (auto job = begin; job < end; ++job) {
        const auto& run = runs[static_cast<std::size_t>(job / height)];
        const auto y = job % height;
        T* to_row = out + run.out + ((y * spread.step_y + spread.y0) * d.width + spread.x0) * d.block();
        rows::copy_cells(to_row, spread.step_x * d.block(), in + run.in + y * s.width * s.block(), s.block(),
                         width, run.channels, accumulate);
      }
    });
  });
}

void fill_zero(const MapView& map) {
  std::memset(map.data, 0, static_cast<std::size_t>(map.map.bytes()));
}

void fill_padding(const MapView& map) {
  if (!map.map.is_padded()) return;
  const auto begin = map.map.byte_offset((map.map.outer() - 1) * map.map.block());
  std::memset(static_cast<char*>(map.data) + begin, 0, static_cast<std::size_t>(map.map.bytes() - begin));
}

void copy_map(const MapView& dst, const MapView& src, bool accumulate) {
  if (!accumulate) fill_padding(dst);
  copy_channels(dst, 0, src, 0, src.map.channels, accumulate);
}

void relu(const MapView& y, const MapView& x) {
  over_both(y, x, [&](auto* out, const auto* in, std::int64_t count) { rows::relu(out, in, count); });
}

void clip(const MapView& y, const MapView& x, float low, float high) {
  over_both(y, x,
            [&](auto* out, const auto* in, std::int64_t count) { rows::clip(out, in, count, low, high); });
}

void add(const MapView& y, const MapView& a, const MapView& b, bool relu) {
  with_type(y.map.type, [&]<typename T>(T*) {
    over_numbers(y.map, [&](std::int64_t begin, std::int64_t count) {
      rows::add(static_cast<T*>(y.data) + begin, static_cast<const T*>(a.data) + begin,
                static_cast<const T*>(b.data) + begin, count, relu);
    });
  });
}

void scale_shift(const MapView& y, const MapView& x, const float* scale, const float* shift, bool relu) {
  with_type(y.map.type, [&]<typename T>(T*) {
    const auto& map = y.map;
    over_rows(map, map.height, [&](std::int64_t outer, std::int64_t row) {
      const auto offset = (outer * map.height + row) * map.width * map.block();
      rows::scale_shift(static_cast<T*>(y.data) + offset, static_cast<const T*>(x.data) + offset, map.width,
                        map.block(), scale + outer * map.block(),
                        shift == nullptr ? nullptr : shift + outer * map.block(), relu);
    });
  });
}

void mask_nonzero(const MapView& g, const MapView& y) {
  over_both(g, y, [&](auto* out, const auto* in, std::int64_t count) { rows::mask_nonzero(out, in, count); });
}

void mask_between(const MapView& g, const MapView& y, float low, float high) {
  over_both(g, y, [&](auto* out, const auto* in, std::int64_t count) {
    rows::mask_between(out, in, count, low, high);
  });
}

Pooling::Pooling(const AxisWindows& rows, const AxisWindows& columns, std::int64_t height, std::int64_t width,
                 bool include_padding)
    : rows_(rows, height, include_padding), columns_(columns, width, include_padding) {
  pool_.rows = rows_.axis();
  pool_.columns = columns_.axis();
}

void Pooling::max(const MapView& x, const MapView& y, std::uint8_t* index) const {
  auto pool = pool_;
  pool.inner = x.map.block();
  const auto in_plane = pool.rows.in * pool.columns.in * pool.inner;
  const auto out_plane = pool.rows.out * pool.columns.out * pool.inner;
  with_type(y.map.type, [&]<typename T>(T*) {
    over_rows(y.map, y.map.height, [&](std::int64_t outer, std::int64_t row) {
      rows::max_pool(pool, row, static_cast<const T*>(x.data) + outer * in_plane,
                     static_cast<T*>(y.data) + outer * out_plane,
                     index == nullptr ? nullptr : index + outer * out_plane);
    });
  });
}

void Pooling::max_gradient(const MapView& gy, const std::uint8_t* index, const MapView& gx,
                           bool accumulate) const {
  auto pool = pool_;
  pool.inner = gx.map.block();
  const auto in_plane = pool.rows.in * pool.columns.in * pool.inner;
  const auto out_plane = pool.rows.out * pool.columns.out * pool.inner;
  with_type(gx.map.type, [&]<typename T>(T*) {
    over_rows(gx.map, gx.map.height, [&](std::int64_t outer, std::int64_t row) {
      rows::max_pool_gradient(pool, row, static_cast<const T*>(gy.data) + outer * out_plane,
                              index + outer * out_plane, static_cast<T*>(gx.data) + outer * in_plane,
                              accumulate);
    });
  });
}

void Pooling::average(const MapView& x, const MapView& y) const {
  auto pool = pool_;
  pool.inner = x.map.block();
  const auto in_plane = pool.rows.in * pool.columns.in * pool.inner;
  const auto out_plane = pool.rows.out * pool.columns.out * pool.inner;
  with_type(y.map.type, [&]<typename T>(T*) {
    over_rows(y.map, y.map.height, [&](std::int64_t outer, std::int64_t row) {
      rows::average_pool(pool, row, static_cast<const T*>(x.data) + outer * in_plane,
                         static_cast<T*>(y.data) + outer * out_plane);
    });
  });
}

void Pooling::average_gradient(const MapView& gy, const MapView& gx, bool accumulate) const {
  auto pool = pool_;
  pool.inner = gx.map.block();
  const auto in_plane = pool.rows.in * pool.columns.in * pool.inner;
  const auto out_plane = pool.rows.out * pool.columns.out * pool.inner;
  with_type(gx.map.type, [&]<typename T>(T*) {
    over_rows(gx.map, gx.map.height, [&](std::int64_t outer, std::int64_t row) {
      rows::average_pool_gradient(pool, row, static_cast<const T*>(gy.data) + outer * out_plane,
                                  static_cast<T*>(gx.data) + outer * in_plane, accumulate);
    });
  });
}

}  // namespace dreamreel::network
