#include "activation_rows.h"

#include "highway_targets.h"

// Highway includes this source once for each target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "activation_rows.cpp"
#include <hwy/foreach_target.h>
// Highway has to include this header again for each target.
#include "row_vectors.h"

HWY_BEFORE_NAMESPACE();
namespace dreamreel::network::rows::HWY_NAMESPACE {
#if DREAMREEL_IS_TARGET

HWY_INLINE Vector clipped(Vector value, float low, float high) {
  return hn::Min(all(high), hn::Max(all(low), value));
}

/// Where `value` is above `limit`.
HWY_INLINE Mask above(Vector value, float limit) {
  return hn::Gt(value, all(limit));
}

template <typename T>
void leaky_relu(T* y, const T* x, int64_t count, float slope) {
  each_run(count, [&](int64_t i, auto part) HWY_ATTR {
    const Vector value = load(x + i, part);
    store(y + i, part, hn::IfThenElse(above(value, 0), value, hn::Mul(value, all(slope))));
  });
}

template <typename T>
void hard_sigmoid(T* y, const T* x, int64_t cells, int64_t inner, int64_t channels, float slope,
                  float shift) {
  for (int64_t cell = 0; cell < cells; ++cell, y += inner, x += inner) {
    each_run(inner, [&](int64_t i, auto part) HWY_ATTR {
      const Vector line = hn::MulAdd(load(x + i, part), all(slope), all(shift));
      const int64_t left = channels - i;
      const Mask is_there = hn::FirstN(Floats(), static_cast<size_t>(left < 0        ? 0
                                                                     : left < kLanes ? left
                                                                                     : kLanes));
      store(y + i, part, kept(is_there, clipped(line, 0, 1)));
    });
  }
}

template <typename T>
void hard_swish(T* y, const T* x, int64_t count) {
  each_run(count, [&](int64_t i, auto part) HWY_ATTR {
    const Vector value = load(x + i, part);
    const Vector gate = clipped(hn::Add(value, all(3)), 0, 6);
    store(y + i, part, hn::Mul(hn::Mul(value, gate), all(1.0F / 6)));
  });
}

template <typename T>
void leaky_relu_gradient(T* g, const T* y, int64_t count, float slope) {
  each_run(count, [&](int64_t i, auto part) HWY_ATTR {
    const Vector value = load(g + i, part);
    store(g + i, part, hn::IfThenElse(above(load(y + i, part), 0), value, hn::Mul(value, all(slope))));
  });
}

template <typename T>
void hard_sigmoid_gradient(T* g, const T* y, int64_t count, float slope) {
  each_run(count, [&](int64_t i, auto part) HWY_ATTR {
    const Vector result = load(y + i, part);
    const Mask is_open = hn::And(above(result, 0), hn::Lt(result, all(1)));
    store(g + i, part, kept(is_open, hn::Mul(load(g + i, part), all(slope))));
  });
}

template <typename T>
void hard_swish_gradient(T* g, const T* x, int64_t count) {
  each_run(count, [&](int64_t i, auto part) HWY_ATTR {
    // 0 below -3, x / 3 + 1/2 up to 3, 1 beyond.
    const Vector value = load(x + i, part), gradient = load(g + i, part);
    const Vector line = hn::MulAdd(value, all(1.0F / 3), all(0.5F));
    const Vector inside = hn::IfThenZeroElse(hn::Lt(value, all(-3)), hn::Mul(gradient, line));
    store(g + i, part, hn::IfThenElse(above(value, 3), gradient, inside));
  });
}

#endif  // DREAMREEL_IS_TARGET
}  // namespace dreamreel::network::rows::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernel_dispatch.h"

namespace dreamreel::network::rows {

template <typename T>
void leaky_relu(T* y, const T* x, int64_t count, float slope) {
  DREAMREEL_KERNEL(leaky_relu<T>)(y, x, count, slope);
}

template <typename T>
void hard_sigmoid(T* y, const T* x, int64_t cells, int64_t inner, int64_t channels, float slope,
                  float shift) {
  DREAMREEL_KERNEL(hard_sigmoid<T>)(y, x, cells, inner, channels, slope, shift);
}

template <typename T>
void hard_swish(T* y, const T* x, int64_t count) {
  DREAMREEL_KERNEL(hard_swish<T>)(y, x, count);
}

template <typename T>
void leaky_relu_gradient(T* g, const T* y, int64_t count, float slope) {
  DREAMREEL_KERNEL(leaky_relu_gradient<T>)(g, y, count, slope);
}

template <typename T>
void hard_sigmoid_gradient(T* g, const T* y, int64_t count, float slope) {
  DREAMREEL_KERNEL(hard_sigmoid_gradient<T>)(g, y, count, slope);
}

template <typename T>
void hard_swish_gradient(T* g, const T* x, int64_t count) {
  DREAMREEL_KERNEL(hard_swish_gradient<T>)(g, x, count);
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define DREAMREEL_ACTIVATION_ROWS(T)                                                    \
  template void leaky_relu<T>(T*, const T*, int64_t, float);                            \
  template void hard_sigmoid<T>(T*, const T*, int64_t, int64_t, int64_t, float, float); \
  template void hard_swish<T>(T*, const T*, int64_t);                                   \
  template void leaky_relu_gradient<T>(T*, const T*, int64_t, float);                   \
  template void hard_sigmoid_gradient<T>(T*, const T*, int64_t, float);                 \
  template void hard_swish_gradient<T>(T*, const T*, int64_t);
// NOLINTEND(bugprone-macro-parentheses)

DREAMREEL_ACTIVATION_ROWS(float)
DREAMREEL_ACTIVATION_ROWS(Bf16)

}  // namespace dreamreel::network::rows
#endif  // HWY_ONCE
