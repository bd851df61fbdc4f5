#include "fused_rows.h"

#include "row_vectors.h"

namespace dreamreel::network::rows {
namespace {

__m512 relu_of(__m512 value) {
  return _mm512_max_ps(_mm512_setzero_ps(), value);  // the second operand where one is NaN
}

/// first * stride - before + k * dilation lies inside for k in [begin, end).
struct Range {
  int64_t begin, end;
};

Range inside(const Axis& axis, int64_t window) {
  const int64_t start = window * axis.stride - axis.before;
  int64_t begin = 0, end = axis.kernel;
  while (begin < end && start + begin * axis.dilation < 0) ++begin;
  while (end > begin && start + (end - 1) * axis.dilation >= axis.in) --end;
  return {begin, end};
}

}  // namespace

template <typename T>
void copy_cells(T* dst, int64_t dst_stride, const T* src, int64_t src_stride, int64_t cells, int64_t channels,
                bool accumulate) {
  for (int64_t cell = 0; cell < cells; ++cell, dst += dst_stride, src += src_stride) {
    each_run(channels, [&](int64_t c, __mmask16 mask) {
      store(dst + c, mask, add_to(dst + c, mask, load(src + c, mask), accumulate));
    });
  }
}

template <typename T>
void scale_shift(T* y, const T* x, int64_t cells, int64_t channels, const float* scale, const float* shift,
                 bool relu) {
  for (int64_t cell = 0; cell < cells; ++cell, y += channels, x += channels) {
    each_run(channels, [&](int64_t c, __mmask16 mask) {
      const __m512 value =
          shift == nullptr ? _mm512_mul_ps(load(x + c, mask), load(scale + c, mask))
                           : _mm512_fmadd_ps(load(x + c, mask), load(scale + c, mask), load(shift + c, mask));
      store(y + c, mask, relu ? relu_of(value) : value);
    });
  }
}

template <typename T>
void relu(T* y, const T* x, int64_t count) {
  each_run(count, [&](int64_t i, __mmask16 mask) { store(y + i, mask, relu_of(load(x + i, mask))); });
}

template <typename T>
void add(T* y, const T* a, const T* b, int64_t count, bool relu) {
  each_run(count, [&](int64_t i, __mmask16 mask) {
    const __m512 sum = _mm512_add_ps(load(a + i, mask), load(b + i, mask));
    store(y + i, mask, relu ? relu_of(sum) : sum);
  });
}

template <typename T>
void clip(T* y, const T* x, int64_t count, float low, float high) {
  const __m512 lows = _mm512_set1_ps(low), highs = _mm512_set1_ps(high);
  each_run(count, [&](int64_t i, __mmask16 mask) {
    store(y + i, mask, _mm512_min_ps(highs, _mm512_max_ps(lows, load(x + i, mask))));
  });
}

template <typename T>
void mask_nonzero(T* g, const T* y, int64_t count) {
  each_run(count, [&](int64_t i, __mmask16 mask) {
    const __mmask16 open = _mm512_cmp_ps_mask(load(y + i, mask), _mm512_setzero_ps(), _CMP_NEQ_UQ);
    store(g + i, mask, load(g + i, static_cast<__mmask16>(mask & open)));
  });
}

template <typename T>
void mask_between(T* g, const T* y, int64_t count, float low, float high) {
  const __m512 lows = _mm512_set1_ps(low), highs = _mm512_set1_ps(high);
  each_run(count, [&](int64_t i, __mmask16 mask) {
    const __m512 value = load(y + i, mask);
    const auto open = static_cast<__mmask16>(_mm512_cmp_ps_mask(value, lows, _CMP_NLE_UQ) &
                                             _mm512_cmp_ps_mask(value, highs, _CMP_NGE_UQ));
    store(g + i, mask, load(g + i, static_cast<__mmask16>(mask & open)));
  });
}

template <typename T>
void max_pool(const Pool& pool, int64_t row, const T* x, T* y, uint8_t* index) {
  const auto& [rows, columns, inner] = pool;
  const Range vertical = inside(rows, row);
  for (int64_t column = 0; column < columns.out; ++column) {
    const Range horizontal = inside(columns, column);
    const int64_t top = row * rows.stride - rows.before, left = column * columns.stride - columns.before;
    const int64_t to = (row * columns.out + column) * inner;
    each_run(inner, [&](int64_t c, __mmask16 mask) {
      __m512 best = _mm512_set1_ps(-__builtin_inff());
      __m512i place = _mm512_set1_epi32(static_cast<int>(vertical.begin * columns.kernel + horizontal.begin));
      for (int64_t i = vertical.begin; i < vertical.end; ++i) {
        for (int64_t j = horizontal.begin; j < horizontal.end; ++j) {
          const int64_t from =
              ((top + i * rows.dilation) * columns.in + left + j * columns.dilation) * inner + c;
          const __m512 value = load(x + from, mask);
          const auto better = static_cast<__mmask16>(_mm512_cmp_ps_mask(value, best, _CMP_GT_OQ) |
                                                     _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q));
          best = _mm512_mask_mov_ps(best, better, value);
          place = _mm512_mask_mov_epi32(place, better,
                                        _mm512_set1_epi32(static_cast<int>(i * columns.kernel + j)));
        }
      }
      store(y + to + c, mask, best);
      if (index != nullptr) _mm_mask_storeu_epi8(index + to + c, mask, _mm512_cvtepi32_epi8(place));
    });
  }
}

template <typename T>
void max_pool_gradient(const Pool& pool, int64_t row, const T* gy, const uint8_t* index, T* gx,
                       bool accumulate) {
  const auto& [rows, columns, inner] = pool;
  for (int64_t column = 0; column < columns.in; ++column) {
    T* there = gx + (row * columns.in + column) * inner;
    each_run(inner, [&](int64_t c, __mmask16 mask) {
      __m512 sum = accumulate ? load(there + c, mask) : _mm512_setzero_ps();
      for (int32_t i = 0; i < rows.taps.counts[row]; ++i) {
        const int64_t vertical = row * rows.taps.most + i;
        for (int32_t j = 0; j < columns.taps.counts[column]; ++j) {
          const int64_t horizontal = column * columns.taps.most + j;
          const int64_t from = (static_cast<int64_t>(rows.taps.windows[vertical]) * columns.out +
                                columns.taps.windows[horizontal]) *
                                   inner +
                               c;
          const auto place =
              static_cast<char>(rows.taps.taps[vertical] * columns.kernel + columns.taps.taps[horizontal]);
          const __mmask16 chosen =
              _mm_mask_cmpeq_epi8_mask(mask, _mm_maskz_loadu_epi8(mask, index + from), _mm_set1_epi8(place));
          sum = _mm512_add_ps(sum, load(gy + from, chosen));
        }
      }
      store(there + c, mask, sum);
    });
  }
}

template <typename T>
void average_pool(const Pool& pool, int64_t row, const T* x, T* y) {
  const auto& [rows, columns, inner] = pool;
  const Range vertical = inside(rows, row);
  for (int64_t column = 0; column < columns.out; ++column) {
    const Range horizontal = inside(columns, column);
    const int64_t top = row * rows.stride - rows.before, left = column * columns.stride - columns.before;
    const __m512 inverse = _mm512_set1_ps(rows.inverse_counts[row] * columns.inverse_counts[column]);
    T* there = y + (row * columns.out + column) * inner;
    each_run(inner, [&](int64_t c, __mmask16 mask) {
      __m512 sum = _mm512_setzero_ps();
      for (int64_t i = vertical.begin; i < vertical.end; ++i) {
        for (int64_t j = horizontal.begin; j < horizontal.end; ++j)
          sum = _mm512_add_ps(sum, load(x + ((top + i) * columns.in + left + j) * inner + c, mask));
      }
      store(there + c, mask, _mm512_mul_ps(sum, inverse));
    });
  }
}

template <typename T>
void average_pool_gradient(const Pool& pool, int64_t row, const T* gy, T* gx, bool accumulate) {
  const auto& [rows, columns, inner] = pool;
  for (int64_t column = 0; column < columns.in; ++column) {
    T* there = gx + (row * columns.in + column) * inner;
    each_run(inner, [&](int64_t c, __mmask16 mask) {
      __m512 sum = accumulate ? load(there + c, mask) : _mm512_setzero_ps();
      for (int32_t i = 0; i < rows.taps.counts[row]; ++i) {
        const int64_t oh = rows.taps.windows[row * rows.taps.most + i];
        for (int32_t j = 0; j < columns.taps.counts[column]; ++j) {
          const int64_t ow = columns.taps.windows[column * columns.taps.most + j];
          const __m512 inverse = _mm512_set1_ps(rows.inverse_counts[oh] * columns.inverse_counts[ow]);
          sum = _mm512_fmadd_ps(load(gy + (oh * columns.out + ow) * inner + c, mask), inverse, sum);
        }
      }
      store(there + c, mask, sum);
    });
  }
}

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

DREAMREEL_ROWS(float)
DREAMREEL_ROWS(Bf16)

}  // namespace dreamreel::network::rows
