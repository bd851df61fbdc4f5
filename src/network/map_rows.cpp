#include "map_rows.h"

#include "highway_targets.h"

// Highway includes this source once for each target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "map_rows.cpp"
#include <hwy/foreach_target.h>
// Highway has to include this header again for each target.
#include "row_vectors.h"

HWY_BEFORE_NAMESPACE();
namespace dreamreel::network::rows::HWY_NAMESPACE {
#if DREAMREEL_IS_TARGET

/// a * b; with `accumulate`, added to the numbers already there.
template <typename T, typename P>
HWY_INLINE Vector product_of(Vector a, Vector b, const T* there, P part, bool accumulate) {
  return accumulate ? hn::MulAdd(a, b, load(there, part)) : hn::Mul(a, b);
}

template <typename T>
void sum_cells(const Cells& cells, T* y, const T* a, const T* b, float factor, bool accumulate) {
  each_run(cells.channels, [&](int64_t c, auto part) HWY_ATTR {
    Vector total = zero();
    for (int64_t row = 0; row < cells.rows; ++row) {
      // Each row has its own sum, so that small numbers are not added to the large sum of the whole map.
      Vector sum = zero();
      for (int64_t column = 0; column < cells.columns; ++column) {
        const int64_t i = (row * cells.columns + column) * cells.stride + c;
        const Vector value = load(a + i, part);
        sum = b == nullptr ? hn::Add(sum, value) : hn::MulAdd(value, load(b + i, part), sum);
      }
      total = hn::Add(total, sum);
    }
    store(y + c, part, add_to(y + c, part, hn::Mul(total, all(factor)), accumulate));
  });
}

template <typename T>
void scale_cells(const Cells& cells, T* y, const T* x, const T* s, float factor, bool accumulate) {
  const int64_t count = cells.rows * cells.columns;
  each_run(cells.channels, [&](int64_t c, auto part) HWY_ATTR {
    const Vector scale = hn::Mul(load(s + c, part), all(factor));
    for (int64_t cell = 0; cell < count; ++cell) {
      const int64_t i = cell * cells.stride + c;
      if (x == nullptr)
        store(y + i, part, add_to(y + i, part, scale, accumulate));
      else
        store(y + i, part, product_of(load(x + i, part), scale, y + i, part, accumulate));
    }
  });
}

template <typename T>
void multiply(T* y, const T* a, const T* b, int64_t count, bool accumulate) {
  each_run(count, [&](int64_t i, auto part) HWY_ATTR {
    store(y + i, part, product_of(load(a + i, part), load(b + i, part), y + i, part, accumulate));
  });
}

template <typename T>
void resize_row(const Between& rows, const Between& columns, int64_t inner, int64_t row, const T* x, T* y) {
  const T* const upper = x + rows.low[row] * columns.in * inner;
  const T* const lower = x + rows.high[row] * columns.in * inner;
  const Vector down = all(rows.weights[row]);
  for (int64_t column = 0; column < columns.out; ++column) {
    const int64_t left = columns.low[column] * inner, right = columns.high[column] * inner;
    const Vector across = all(columns.weights[column]);
    T* const to = y + (row * columns.out + column) * inner;
    each_run(inner, [&](int64_t c, auto part) HWY_ATTR {
      const auto between = [&](int64_t at) HWY_ATTR {
        const Vector above = load(upper + at + c, part);
        return hn::MulAdd(hn::Sub(load(lower + at + c, part), above), down, above);
      };
      const Vector first = between(left);
      store(to + c, part, hn::MulAdd(hn::Sub(between(right), first), across, first));
    });
  }
}

template <typename T>
void resize_row_gradient(const Shares& rows, const Shares& columns, int64_t inner, int64_t row, const T* gy,
                         T* gx, bool accumulate) {
  for (int64_t column = 0; column < columns.in; ++column) {
    T* const there = gx + (row * columns.in + column) * inner;
    each_run(inner, [&](int64_t c, auto part) HWY_ATTR {
      Vector sum = accumulate ? load(there + c, part) : zero();
      for (int32_t i = rows.begins[row]; i < rows.begins[row + 1]; ++i) {
        const T* const from = gy + rows.results[i] * columns.out * inner + c;
        for (int32_t j = columns.begins[column]; j < columns.begins[column + 1]; ++j) {
          const Vector weight = all(rows.weights[i] * columns.weights[j]);
          sum = hn::MulAdd(load(from + columns.results[j] * inner, part), weight, sum);
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
void sum_cells(const Cells& cells, T* y, const T* a, const T* b, float factor, bool accumulate) {
  DREAMREEL_KERNEL(sum_cells<T>)(cells, y, a, b, factor, accumulate);
}

template <typename T>
void scale_cells(const Cells& cells, T* y, const T* x, const T* s, float factor, bool accumulate) {
  DREAMREEL_KERNEL(scale_cells<T>)(cells, y, x, s, factor, accumulate);
}

template <typename T>
void multiply(T* y, const T* a, const T* b, int64_t count, bool accumulate) {
  DREAMREEL_KERNEL(multiply<T>)(y, a, b, count, accumulate);
}

template <typename T>
void resize_row(const Between& rows, const Between& columns, int64_t inner, int64_t row, const T* x, T* y) {
  DREAMREEL_KERNEL(resize_row<T>)(rows, columns, inner, row, x, y);
}

template <typename T>
void resize_row_gradient(const Shares& rows, const Shares& columns, int64_t inner, int64_t row, const T* gy,
                         T* gx, bool accumulate) {
  DREAMREEL_KERNEL(resize_row_gradient<T>)(rows, columns, inner, row, gy, gx, accumulate);
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define DREAMREEL_MAP_ROWS(T)                                                                  \
  template void sum_cells<T>(const Cells&, T*, const T*, const T*, float, bool);               \
  template void scale_cells<T>(const Cells&, T*, const T*, const T*, float, bool);             \
  template void multiply<T>(T*, const T*, const T*, int64_t, bool);                            \
  template void resize_row<T>(const Between&, const Between&, int64_t, int64_t, const T*, T*); \
  template void resize_row_gradient<T>(const Shares&, const Shares&, int64_t, int64_t, const T*, T*, bool);
// NOLINTEND(bugprone-macro-parentheses)

DREAMREEL_MAP_ROWS(float)
DREAMREEL_MAP_ROWS(Bf16)

}  // namespace dreamreel::network::rows
#endif  // HWY_ONCE
