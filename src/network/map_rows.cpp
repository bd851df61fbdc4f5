#include "map_rows.h"

#include "row_vectors.h"

namespace dreamreel::network::rows {

template <typename T>
void sum_cells(const Cells& cells, T* y, const T* a, const T* b, float factor, bool accumulate) {
  const __mmask16 mask = lanes(cells.channels);
  __m512 total = _mm512_setzero_ps();
  for (int64_t row = 0; row < cells.rows; ++row) {
    // Rows are summed by themselves, so that a small number is not added to a sum of the whole map.
    __m512 sum = _mm512_setzero_ps();
    for (int64_t column = 0; column < cells.columns; ++column) {
      const int64_t i = (row * cells.columns + column) * cells.stride;
      const __m512 value = load(a + i, mask);
      sum = b == nullptr ? _mm512_add_ps(sum, value) : _mm512_fmadd_ps(value, load(b + i, mask), sum);
    }
    total = _mm512_add_ps(total, sum);
  }
  store(y, mask, add_to(y, mask, _mm512_mul_ps(total, _mm512_set1_ps(factor)), accumulate));
}

template <typename T>
void scale_cells(const Cells& cells, T* y, const T* x, const T* s, float factor, bool accumulate) {
  const __mmask16 mask = lanes(cells.channels);
  const __m512 scale = _mm512_mul_ps(load(s, mask), _mm512_set1_ps(factor));
  const int64_t count = cells.rows * cells.columns;
  for (int64_t cell = 0; cell < count; ++cell) {
    const int64_t i = cell * cells.stride;
    const __m512 value = x == nullptr ? scale : _mm512_mul_ps(load(x + i, mask), scale);
    store(y + i, mask, add_to(y + i, mask, value, accumulate));
  }
}

template <typename T>
void multiply(T* y, const T* a, const T* b, int64_t count, bool accumulate) {
  each_run(count, [&](int64_t i, __mmask16 mask) {
    const __m512 product = _mm512_mul_ps(load(a + i, mask), load(b + i, mask));
    store(y + i, mask, add_to(y + i, mask, product, accumulate));
  });
}

template <typename T>
void resize_row(const Between& rows, const Between& columns, int64_t inner, int64_t row, const T* x, T* y) {
  const T* const upper = x + rows.low[row] * columns.in * inner;
  const T* const lower = x + rows.high[row] * columns.in * inner;
  const __m512 down = _mm512_set1_ps(rows.weights[row]);
  for (int64_t column = 0; column < columns.out; ++column) {
    const int64_t left = columns.low[column] * inner, right = columns.high[column] * inner;
    const __m512 across = _mm512_set1_ps(columns.weights[column]);
    T* const to = y + (row * columns.out + column) * inner;
    each_run(inner, [&](int64_t c, __mmask16 mask) {
      const auto between = [&](int64_t at) {
        const __m512 above = load(upper + at + c, mask);
        return _mm512_fmadd_ps(_mm512_sub_ps(load(lower + at + c, mask), above), down, above);
      };
      const __m512 first = between(left);
      store(to + c, mask, _mm512_fmadd_ps(_mm512_sub_ps(between(right), first), across, first));
    });
  }
}

template <typename T>
void resize_row_gradient(const Shares& rows, const Shares& columns, int64_t inner, int64_t row, const T* gy,
                         T* gx, bool accumulate) {
  for (int64_t column = 0; column < columns.in; ++column) {
    T* const there = gx + (row * columns.in + column) * inner;
    each_run(inner, [&](int64_t c, __mmask16 mask) {
      __m512 sum = accumulate ? load(there + c, mask) : _mm512_setzero_ps();
      for (int32_t i = rows.begins[row]; i < rows.begins[row + 1]; ++i) {
        const T* const from = gy + rows.results[i] * columns.out * inner + c;
        for (int32_t j = columns.begins[column]; j < columns.begins[column + 1]; ++j) {
          const __m512 weight = _mm512_set1_ps(rows.weights[i] * columns.weights[j]);
          sum = _mm512_fmadd_ps(load(from + columns.results[j] * inner, mask), weight, sum);
        }
      }
      store(there + c, mask, sum);
    });
  }
}

#define DREAMREEL_MAP_ROWS(T)                                                                  \
  template void sum_cells<T>(const Cells&, T*, const T*, const T*, float, bool);               \
  template void scale_cells<T>(const Cells&, T*, const T*, const T*, float, bool);             \
  template void multiply<T>(T*, const T*, const T*, int64_t, bool);                            \
  template void resize_row<T>(const Between&, const Between&, int64_t, int64_t, const T*, T*); \
  template void resize_row_gradient<T>(const Shares&, const Shares&, int64_t, int64_t, const T*, T*, bool);

DREAMREEL_MAP_ROWS(float)
DREAMREEL_MAP_ROWS(Bf16)

}  // namespace dreamreel::network::rows
