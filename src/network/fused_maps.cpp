#include "fused_maps.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>

namespace dreamreel::network {
namespace {

constexpr std::int64_t kBlock = 16;
constexpr std::int64_t kGrain = 16 * 1024;  // numbers a thread should get at least

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
  at::parallel_for(0, map.numbers(), kGrain,
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
  const auto grain = std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, map.width * map.block()));
  at::parallel_for(0, map.outer() * height, grain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) action(i / height, i % height);
  });
}

/// How many of `size` positions, spread out by `step` from `first` on, lie inside [0, limit).
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
      return kBlock;
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
    // Runs of channels that lie together on both sides; the rows of all of them are shared out at once.
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
        std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, width * runs.front().channels));
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

rows::Axis Pooling::place(const AxisWindows& windows, std::int64_t size, bool include_padding,
                          Tables& tables) {
  rows::Axis axis;
  axis.in = size;
  axis.out = windows.count;
  axis.kernel = windows.kernel;
  axis.stride = windows.stride;
  axis.dilation = windows.dilation;
  axis.before = windows.before;
  std::vector<std::vector<std::pair<std::int32_t, std::int32_t>>> taps(static_cast<std::size_t>(size));
  for (std::int64_t window = 0; window < windows.count; ++window) {
    const auto start = window * windows.stride - windows.before;
    for (std::int64_t tap = 0; tap < windows.kernel; ++tap) {
      const auto position = start + tap * windows.dilation;
      if (position < 0 || position >= size) continue;
      taps[static_cast<std::size_t>(position)].emplace_back(window, tap);
    }
    const auto low = include_padding ? -windows.before : 0;
    const auto high = size + (include_padding ? windows.after : 0);
    const auto counted = std::min(start + windows.kernel, high) - std::max(start, low);
    tables.inverse_counts.push_back(1.0F / static_cast<float>(std::max<std::int64_t>(counted, 1)));
  }
  for (const auto& list : taps)
    axis.taps.most = std::max(axis.taps.most, static_cast<std::int64_t>(list.size()));
  tables.windows.assign(static_cast<std::size_t>(size * axis.taps.most), 0);
  tables.taps = tables.windows;
  for (std::size_t i = 0; i < taps.size(); ++i) {
    tables.counts.push_back(static_cast<std::int32_t>(taps[i].size()));
    for (std::size_t k = 0; k < taps[i].size(); ++k) {
      const auto at = i * static_cast<std::size_t>(axis.taps.most) + k;
      std::tie(tables.windows[at], tables.taps[at]) = taps[i][k];
    }
  }
  axis.taps.counts = tables.counts.data();
  axis.taps.windows = tables.windows.data();
  axis.taps.taps = tables.taps.data();
  axis.inverse_counts = tables.inverse_counts.data();
  return axis;
}

Pooling::Pooling(const AxisWindows& rows, const AxisWindows& columns, std::int64_t height, std::int64_t width,
                 bool include_padding) {
  pool_.rows = place(rows, height, include_padding, row_tables_);
  pool_.columns = place(columns, width, include_padding, column_tables_);
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
