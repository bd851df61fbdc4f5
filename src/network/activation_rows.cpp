#include "activation_rows.h"

#include "row_vectors.h"

namespace dreamreel::network::rows {
namespace {

__m512 clipped(__m512 value, float low, float high) {
  return _mm512_min_ps(_mm512_set1_ps(high), _mm512_max_ps(_mm512_set1_ps(low), value));
}

/// Where `value` is above `limit`.
__mmask16 above(__m512 value, float limit) {
  return _mm512_cmp_ps_mask(value, _mm512_set1_ps(limit), _CMP_GT_OQ);
}

}  // namespace

template <typename T>
void leaky_relu(T* y, const T* x, int64_t count, float slope) {
  each_run(count, [&](int64_t i, __mmask16 mask) {
    const __m512 value = load(x + i, mask);
    store(y + i, mask,
          _mm512_mask_mov_ps(_mm512_mul_ps(value, _mm512_set1_ps(slope)), above(value, 0), value));
  });
}

template <typename T>
void hard_sigmoid(T* y, const T* x, int64_t cells, int64_t inner, int64_t channels, float slope,
                  float shift) {
  for (int64_t cell = 0; cell < cells; ++cell, y += inner, x += inner) {
    each_run(inner, [&](int64_t i, __mmask16 mask) {
      const __m512 line = _mm512_fmadd_ps(load(x + i, mask), _mm512_set1_ps(slope), _mm512_set1_ps(shift));
      const __mmask16 is_there = channels > i ? lanes(channels - i) : static_cast<__mmask16>(0);
      store(y + i, mask, _mm512_maskz_mov_ps(is_there, clipped(line, 0, 1)));
    });
  }
}

template <typename T>
void hard_swish(T* y, const T* x, int64_t count) {
  each_run(count, [&](int64_t i, __mmask16 mask) {
    const __m512 value = load(x + i, mask);
    const __m512 gate = clipped(_mm512_add_ps(value, _mm512_set1_ps(3)), 0, 6);
    store(y + i, mask, _mm512_mul_ps(_mm512_mul_ps(value, gate), _mm512_set1_ps(1.0F / 6)));
  });
}

template <typename T>
void leaky_relu_gradient(T* g, const T* y, int64_t count, float slope) {
  each_run(count, [&](int64_t i, __mmask16 mask) {
    const __m512 value = load(g + i, mask);
    store(
        g + i, mask,
        _mm512_mask_mov_ps(_mm512_mul_ps(value, _mm512_set1_ps(slope)), above(load(y + i, mask), 0), value));
  });
}

template <typename T>
void hard_sigmoid_gradient(T* g, const T* y, int64_t count, float slope) {
  each_run(count, [&](int64_t i, __mmask16 mask) {
    const __m512 result = load(y + i, mask);
    const auto open =
        static_cast<__mmask16>(above(result, 0) & _mm512_cmp_ps_mask(result, _mm512_set1_ps(1), _CMP_LT_OQ));
    store(g + i, mask, _mm512_maskz_mul_ps(open, load(g + i, mask), _mm512_set1_ps(slope)));
  });
}

template <typename T>
void hard_swish_gradient(T* g, const T* x, int64_t count) {
  each_run(count, [&](int64_t i, __mmask16 mask) {
    // 0 below -3, x / 3 + 1/2 up to 3, 1 beyond.
    const __m512 value = load(x + i, mask), gradient = load(g + i, mask);
    const __m512 line = _mm512_fmadd_ps(value, _mm512_set1_ps(1.0F / 3), _mm512_set1_ps(0.5F));
    const __mmask16 is_there = _mm512_cmp_ps_mask(value, _mm512_set1_ps(-3), _CMP_NLT_UQ);
    const __m512 inside = _mm512_maskz_mul_ps(is_there, gradient, line);
    store(g + i, mask, _mm512_mask_mov_ps(inside, above(value, 3), gradient));
  });
}

#define DREAMREEL_ACTIVATION_ROWS(T)                                                    \
  template void leaky_relu<T>(T*, const T*, int64_t, float);                            \
  template void hard_sigmoid<T>(T*, const T*, int64_t, int64_t, int64_t, float, float); \
  template void hard_swish<T>(T*, const T*, int64_t);                                   \
  template void leaky_relu_gradient<T>(T*, const T*, int64_t, float);                   \
  template void hard_sigmoid_gradient<T>(T*, const T*, int64_t, float);                 \
  template void hard_swish_gradient<T>(T*, const T*, int64_t);

DREAMREEL_ACTIVATION_ROWS(float)
DREAMREEL_ACTIVATION_ROWS(Bf16)

}  // namespace dreamreel::network::rows
