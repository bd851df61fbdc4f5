#include "fused_rows.h"

#include "highway_targets.h"

// Highway includes this source once for each target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fused_rows.cpp"
#include <hwy/foreach_target.h>
// Highway has to include this header again for each target.
#include "row_vectors.h"

HWY_BEFORE_NAMESPACE();
namespace dreamreel::network::rows::HWY_NAMESPACE {
#if DREAMREEL_IS_TARGET

HWY_INLINE Vector relu_of(Vector value) {
  return hn::Max(zero(), value);  // Max gives the second argument if it is NaN
}

/// The k for which window position k lies inside the axis: [begin, end).
struct Range {
  int64_t begin, end;
};

HWY_INLINE Range inside(const Axis& axis, int64_t window) {
  const int64_t start = window * axis.stride - axis.before;
  int64_t begin = 0, end = axis.kernel;
  while (begin < end && start + begin * axis.dilation < 0) ++begin;
  while (end > begin && start + (end - 1) * axis.dilation >= axis.in) --end;
  return {begin, end};
}

template <typename T>
void copy_cells(T* dst, int64_t dst_stride, const T* src, int64_t src_stride, int64_t cells, int64_t channels,
                bool accumulate) {
  for (int64_t cell = 0; cell < cells; ++cell, dst += dst_stride, src += src_stride) {
    each_run(channels, [&](int64_t c, auto part) HWY_ATTR {
      store(dst + c, part, add_to(dst + c, part, load(src + c, part), accumulate));
    });
  }
}

template <typename T>
void scale_shift(T* y, const T* x, int64_t cells, int64_t channels, const float* scale, const float* shift,
                 bool relu) {
  for (int64_t cell = 0; cell < cells; ++cell, y += channels, x += channels) {
    each_run(channels, [&](int64_t c, auto part) HWY_ATTR {
      const Vector number = load(x + c, part), factor = load(scale + c, part);
      const Vector value =
          shift == nullptr ? hn::Mul(number, factor) : hn::MulAdd(number, factor, load(shift + c, part));
      store(y + c, part, relu ? relu_of(value) : value);
    });
  }
}

template <typename T>
void relu(T* y, const T* x, int64_t count) {
  each_run(count, [&](int64_t i, auto part) HWY_ATTR { store(y + i, part, relu_of(load(x + i, part))); });
}

template <typename T>
void add(T* y, const T* a, const T* b, int64_t count, bool relu) {
  each_run(count, [&](int64_t i, auto part) HWY_ATTR {
    const Vector sum = hn::Add(load(a + i, part), load(b + i, part));
    store(y + i, part, relu ? relu_of(sum) : sum);
  });
}

template <typename T>
void clip(T* y, const T* x, int64_t count, float low, float high) {
  const Vector lows = all(low), highs = all(high);
  each_run(count, [&](int64_t i, auto part)
                      HWY_ATTR { store(y + i, part, hn::Min(highs, hn::Max(lows, load(x + i, part)))); });
}

template <typename T>
void mask_nonzero(T* g, const T* y, int64_t count) {
  each_run(count, [&](int64_t i, auto part) HWY_ATTR {
    const Mask is_closed = hn::Eq(load(y + i, part), zero());
    store(g + i, part, hn::IfThenZeroElse(is_closed, load(g + i, part)));
  });
}

template <typename T>
void mask_between(T* g, const T* y, int64_t count, float low, float high) {
  const Vector lows = all(low), highs = all(high);
  each_run(count, [&](int64_t i, auto part) HWY_ATTR {
    const Vector value = load(y + i, part);
    const Mask is_closed = hn::Or(hn::Le(value, lows), hn::Ge(value, highs));  // false for NaN
    store(g + i, part, hn::IfThenZeroElse(is_closed, load(g + i, part)));
  });
}

template <typename T>
void max_pool(const Pool& pool, int64_t row, const T* x, T* y, uint8_t* index) {
  const auto &rows = pool.rows, &columns = pool.columns;
  const auto inner = pool.inner;
  const Range vertical = inside(rows, row);
  for (int64_t column = 0; column < columns.out; ++column) {
    const Range horizontal = inside(columns, column);
    const int64_t top = row * rows.stride - rows.before, left = column * columns.stride - columns.before;
    const int64_t to = (row * columns.out + column) * inner;
    each_run(inner, [&](int64_t c, auto part) HWY_ATTR {
      Vector best = all(-__builtin_inff());
      auto place =
          hn::Set(Words(), static_cast<uint32_t>(vertical.begin * columns.kernel + horizontal.begin));
      for (int64_t i = vertical.begin; i < vertical.end; ++i) {
        for (int64_t j = horizontal.begin; j < horizontal.end; ++j) {
          const int64_t from =
              ((top + i * rows.dilation) * columns.in + left + j * columns.dilation) * inner + c;
          const Vector value = load(x + from, part);
          const Mask is_better = hn::Or(hn::Gt(value, best), hn::IsNaN(value));
          best = hn::IfThenElse(is_better, value, best);
          place = hn::IfThenElse(hn::RebindMask(Words(), is_better),
                                 hn::Set(Words(), static_cast<uint32_t>(i * columns.kernel + j)), place);
        }
      }
      store(y + to + c, part, best);
      if (index != nullptr) store_raw(index + to + c, part, hn::TruncateTo(Bytes(), place));
    });
  }
}

template <typename T>
void max_pool_gradient(const Pool& pool, int64_t row, const T* gy, const uint8_t* index, T* gx,
                       bool accumulate) {
  const auto &rows = pool.rows, &columns = pool.columns;
  const auto inner = pool.inner;
  for (int64_t column = 0; column < columns.in; ++column) {
    T* there = gx + (row * columns.in + column) * inner;
    each_run(inner, [&](int64_t c, auto part) HWY_ATTR {
      Vector sum = accumulate ? load(there + c, part) : zero();
      for (int32_t i = 0; i < rows.taps.counts[row]; ++i) {
        const int64_t vertical = row * rows.taps.most + i;
        for (int32_t j = 0; j < columns.taps.counts[column]; ++j) {
          const int64_t horizontal = column * columns.taps.most + j;
          const int64_t from = (static_cast<int64_t>(rows.taps.windows[vertical]) * columns.out +
                                columns.taps.windows[horizontal]) *
                                   inner +
                               c;
          const auto place =
              static_cast<uint8_t>(rows.taps.taps[vertical] * columns.kernel + columns.taps.taps[horizontal]);
          const auto places = hn::PromoteTo(Words(), load_raw(index + from, part));
          const auto is_chosen = hn::RebindMask(Floats(), hn::Eq(places, hn::Set(Words(), place)));
          sum = hn::Add(sum, kept(is_chosen, load(gy + from, part)));
        }
      }
      store(there + c, part, sum);
    });
  }
}

template <typename T>
void average_pool(const Pool& pool, int64_t row, const T* x, T* y) {
  const auto &rows = pool.rows, &columns = pool.columns;
  const auto inner = pool.inner;
  const Range vertical = inside(rows, row);
  for (int64_t column = 0; column < columns.out; ++column) {
    const Range horizontal = inside(columns, column);
    const int64_t top = row * rows.stride - rows.before, left = column * columns.stride - columns.before;
    const Vector inverse = all(rows.inverse_counts[row] * columns.inverse_counts[column]);
    T* there = y + (row * columns.out + column) * inner;
    each_run(inner, [&](int64_t c, auto part) HWY_ATTR {
      Vector sum = zero();
      for (int64_t i = vertical.begin; i < vertical.end; ++i) {
        for (int64_t j = horizontal.begin; j < horizontal.end; ++j)
          sum = hn::Add(sum, load(x + ((top + i) * columns.in + left + j) * inner + c, part));
      }
      store(there + c, part, hn::Mul(sum, inverse));
    });
  }
}

template <typename T>
void average_pool_gradient(const Pool& pool, int64_t row, const T* gy, T* gx, bool accumulate) {
  const auto &rows = pool.rows, &columns = pool.columns;
  const auto inner = pool.inner;
  for (int64_t column = 0; column < columns.in; ++column) {
    T* there = gx + (row * columns.in + column) * inner;
    each_run(inner, [&](int64_t c, auto part) HWY_ATTR {
      Vector sum = accumulate ? load(there + c, part) : zero();
      for (int32_t i = 0; i < rows.taps.counts[row]; ++i) {
        const int64_t oh = rows.taps.windows[row * rows.taps.most + i];
        for (int32_t j = 0; j < columns.taps.counts[column]; ++j) {
          const int64_t ow = columns.taps.windows[column * columns.taps.most + j];
          const Vector inverse = all(rows.inverse_counts[oh] * columns.inverse_counts[ow]);
          sum = hn::MulAdd(load(gy + (oh * columns.out + ow) * inner + c, part), inverse, sum);
        }
      }
      store(there + c, part, sum);
    });
  }
}

#endif  // DREAMREEL_IS_TARGET
}  // namespace dreamreel::network::rows::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernel_dispatch.h"

namespace dreamreel::network::rows {

template <typename T>
void copy_cells(T* dst, int64_t dst_stride, const T* src, int64_t src_stride, int64_t cells, int64_t channels,
                bool accumulate) {
  DREAMREEL_KERNEL(copy_cells<T>)(dst, dst_stride, src, src_stride, cells, channels, accumulate);
}

template <typename T>
void scale_shift(T* y, const T* x, int64_t cells, int64_t channels, const float* scale, const float* shift,
                 bool relu) {
  DREAMREEL_KERNEL(scale_shift<T>)(y, x, cells, channels, scale, shift, relu);
}

template <typename T>
void relu(T* y, const T* x, int64_t count) {
  DREAMREEL_KERNEL(relu<T>)(y, x, count);
}

template <typename T>
void add(T* y, const T* a, const T* b, int64_t count, bool relu) {
  DREAMREEL_KERNEL(add<T>)(y, a, b, count, relu);
}

template <typename T>
void clip(T* y, const T* x, int64_t count, float low, float high) {
  DREAMREEL_KERNEL(clip<T>)(y, x, count, low, high);
}

template <typename T>
void mask_nonzero(T* g, const T* y, int64_t count) {
  DREAMREEL_KERNEL(mask_nonzero<T>)(g, y, count);
}

template <typename T>
void mask_between(T* g, const T* y, int64_t count, float low, float high) {
  DREAMREEL_KERNEL(mask_between<T>)(g, y, count, low, high);
}

template <typename T>
void max_pool(const Pool& pool, int64_t row, const T* x, T* y, uint8_t* index) {
  DREAMREEL_KERNEL(max_pool<T>)(pool, row, x, y, index);
}

template <typename T>
void max_pool_gradient(const Pool& pool, int64_t row, const T* gy, const uint8_t* index, T* gx,
                       bool accumulate) {
  DREAMREEL_KERNEL(max_pool_gradient<T>)(pool, row, gy, index, gx, accumulate);
}

template <typename T>
void average_pool(const Pool& pool, int64_t row, const T* x, T* y) {
  DREAMREEL_KERNEL(average_pool<T>)(pool, row, x, y);
}

template <typename T>
void average_pool_gradient(const Pool& pool, int64_t row, const T* gy, T* gx, bool accumulate) {
  DREAMREEL_KERNEL(average_pool_gradient<T>)(pool, row, gy, gx, accumulate);
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define DREAMREEL_ROWS(T)                                                                         \
  template void copy_cells<T>(T*, int64_t, const T*, int64_t, int64_t, int64_t, bool);            \
  template void scale_shift<T>(T*, const T*, int64_t, int64_t, const float*, const float*, bool); \
  template void relu<T>(T*, const T*, int64_t);                                                   \
  template void add<T>(T*, const T*, const T*, int64_t, bool);                                    \
  template void clip<T>(T*, const T*, int64_t, float, float);                                     \
  template void mask_nonzero<T>(T*, const T*, int64_t);                                           \
  template void mask_between<T>(T*, const T*, int64_t, float, float);                             \
  template void max_pool<T>(const Pool&, int64_t, const T*, T*, uint8_t*);                        \
  template void max_pool_gradient<T>(const Pool&, int64_t, const T*, const uint8_t*, T*, bool);   \
  template void average_pool<T>(const Pool&, int64_t, const T*, T*);                              \
  template void average_pool_gradient<T>(const Pool&, int64_t, const T*, T*, bool);
// NOLINTEND(bugprone-macro-parentheses)

DREAMREEL_ROWS(float)
DREAMREEL_ROWS(Bf16)

}  // namespace dreamreel::network::rows
#endif  // HWY_ONCE
