#include "depthwise_rows.h"

#include "highway_targets.h"

// Highway includes this source once for each target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "depthwise_rows.cpp"
#include <hwy/foreach_target.h>
// Highway has to include this header again for each target.
#include "row_vectors.h"

HWY_BEFORE_NAMESPACE();
namespace dreamreel::network::rows::HWY_NAMESPACE {
#if DREAMREEL_IS_TARGET

constexpr int64_t kAtOnce = 4;      // columns of gx
constexpr int64_t kMostKernel = 5;  // largest kernel with loops of its own

/// Whether these windows have loops of their own.
HWY_INLINE bool is_dense(const DepthwiseGradient& d) {
  return d.rows.dilation == 1 && d.columns.dilation == 1 && d.columns.stride <= 2 &&
         (d.columns.kernel == 3 || d.columns.kernel == 5) && d.rows.kernel <= kMostKernel;
}

/// Zeros before a row of gy, and as many after it, so that no window reaches beyond it.
HWY_INLINE int64_t lead(const Axis& columns) {
  return columns.kernel - 1;
}
HWY_INLINE int64_t line_cells(const Axis& columns) {
  const int64_t reached = (columns.in + kAtOnce + columns.before) / columns.stride + 1;
  return lead(columns) + (reached > columns.out ? reached : columns.out);
}

/// A gate's limits as bits. The results of an activation are equal to a limit or lie between the limits, so
/// it suffices to compare bits.
template <typename T>
struct Limits {
  explicit Limits(const Gate& gate) : y(static_cast<const T*>(gate.y)) {
    const int shift = sizeof(T) == sizeof(float) ? 0 : 16;
    const auto bits = [&](float limit) {
      uint32_t all_bits = 0;
      __builtin_memcpy(&all_bits, &limit, sizeof(all_bits));
      return all_bits >> shift;
    };
    low = bits(gate.low);
    high = bits(gate.high);
    other = gate.low == 0 ? bits(-0.0F) : low;
  }
  const T* y;
  uint32_t low = 0, other = 0, high = 0;
};

HWY_INLINE auto bits_of(const float* from) {
  return hn::BitCast(Words(), load(from));
}
HWY_INLINE auto bits_of(const Bf16* from) {
  return hn::PromoteTo(Words(), load_raw(from, Whole()));
}

/// The lanes where y equals one of the limits.
template <typename T>
HWY_INLINE Mask closed(const Limits<T>& limits, int64_t i) {
  const Words words;
  const auto y = bits_of(limits.y + i);
  const auto is_low = hn::Or(hn::Eq(y, hn::Set(words, limits.low)), hn::Eq(y, hn::Set(words, limits.other)));
  return hn::RebindMask(Floats(), hn::Or(is_low, hn::Eq(y, hn::Set(words, limits.high))));
}

template <typename T>
HWY_INLINE Vector take(const T* g, const Limits<T>& from, int64_t i) {
  const Vector value = load(g + i);
  return from.y == nullptr ? value : hn::IfThenZeroElse(closed(from, i), value);
}

template <typename T>
HWY_INLINE void give(T* gx, const Limits<T>& to, int64_t i, Vector value, bool accumulate) {
  value = add_to(gx + i, Whole(), value, accumulate);
  if (to.y != nullptr) value = hn::IfThenZeroElse(closed(to, i), value);
  store(gx + i, value);
}

/// The rows of gy that a row of gx depends on, each with the row of weights that multiplies it.
struct Lines {
  const float* cells[kMostKernel];  ///< the first cell of gy; zeros lie before and after the row
  const float* weights[kMostKernel];
  int64_t count = 0;
};

/// Stride 1: each number of gy is read once for kAtOnce numbers of gx.
template <int Kernel, typename T>
void whole_row(const DepthwiseGradient& d, const Lines& lines, T* gx, const Limits<T>& to, int64_t base) {
  constexpr int64_t kReach = kAtOnce + Kernel - 1;
  for (int64_t column = 0; column < d.columns.in; column += kAtOnce) {
    Vector sums[kAtOnce];
#pragma GCC unroll 8
    for (int64_t n = 0; n < kAtOnce; ++n) sums[n] = zero();
    const int64_t first = (column + d.columns.before - (Kernel - 1)) * kBlock;
    for (int64_t line = 0; line < lines.count; ++line) {
      Vector x[kReach];
#pragma GCC unroll 16
      for (int64_t n = 0; n < kReach; ++n) x[n] = load(lines.cells[line] + first + n * kBlock);
#pragma GCC unroll 8
      for (int64_t k = 0; k < Kernel; ++k) {
        const Vector weight = load(lines.weights[line] + k * kBlock);
#pragma GCC unroll 8
        for (int64_t n = 0; n < kAtOnce; ++n) sums[n] = hn::MulAdd(x[n + Kernel - 1 - k], weight, sums[n]);
      }
    }
#pragma GCC unroll 8
    for (int64_t n = 0; n < kAtOnce; ++n)
      if (column + n < d.columns.in) give(gx, to, base + (column + n) * kBlock, sums[n], d.accumulate);
  }
}

/// Stride 2: of two neighbouring columns of gx, one reads the even columns of the window and the other the
/// odd ones.
template <int Kernel, typename T>
void halved_row(const DepthwiseGradient& d, const Lines& lines, T* gx, const Limits<T>& to, int64_t base) {
  for (int64_t cell = d.columns.before / 2; 2 * cell - d.columns.before < d.columns.in; ++cell) {
    Vector even = zero(), odd = zero();
    for (int64_t line = 0; line < lines.count; ++line) {
#pragma GCC unroll 8
      for (int64_t k = 0; k < Kernel; k += 2) {
        const Vector x = load(lines.cells[line] + (cell - k / 2) * kBlock);
        even = hn::MulAdd(x, load(lines.weights[line] + k * kBlock), even);
        if (k + 1 < Kernel) odd = hn::MulAdd(x, load(lines.weights[line] + (k + 1) * kBlock), odd);
      }
    }
    const int64_t column = 2 * cell - d.columns.before;
    if (column >= 0) give(gx, to, base + column * kBlock, even, d.accumulate);
    if (column + 1 < d.columns.in) give(gx, to, base + (column + 1) * kBlock, odd, d.accumulate);
  }
}

/// Each row of gy is converted to float32 and passes its gate only once. It goes into a ring of as many rows
/// as a window has.
template <int Kernel, typename T>
void dense_rows(const DepthwiseGradient& d, int64_t begin, int64_t end, const T* gy, const Limits<T>& from,
                T* gx, const Limits<T>& to, float* ring) {
  const int64_t numbers = line_cells(d.columns) * kBlock, ahead = lead(d.columns) * kBlock;
  for (int64_t i = 0; i < d.rows.kernel * numbers; i += kLanes) store(ring + i, zero());
  int64_t filled = 0;
  for (int64_t row = begin; row < end; ++row) {
    const int64_t reach = row + d.rows.before, low = reach - d.rows.kernel + 1;
    const int64_t first = low <= 0 ? 0 : (low + d.rows.stride - 1) / d.rows.stride;
    Lines lines;
    for (int64_t o = first; o < d.rows.out && o * d.rows.stride <= reach; ++o) {
      float* const line = ring + o % d.rows.kernel * numbers + ahead;
      for (int64_t c = 0; o >= filled && c < d.columns.out; ++c)
        store(line + c * kBlock, take(gy, from, (o * d.columns.out + c) * kBlock));
      filled = o >= filled ? o + 1 : filled;
      lines.cells[lines.count] = line;
      lines.weights[lines.count] = d.weights + (reach - o * d.rows.stride) * Kernel * kBlock;
      ++lines.count;
    }
    const int64_t base = row * d.columns.in * kBlock;
    if (d.columns.stride == 1)
      whole_row<Kernel>(d, lines, gx, to, base);
    else
      halved_row<Kernel>(d, lines, gx, to, base);
  }
}

/// The loop for any stride, dilation and window.
template <typename T>
void sparse_row(const DepthwiseGradient& d, int64_t row, const T* gy, const Limits<T>& from, T* gx,
                const Limits<T>& to) {
  const Taps &rows = d.rows.taps, &columns = d.columns.taps;
  for (int64_t column = 0; column < d.columns.in; ++column) {
    Vector sum = zero();
    for (int32_t i = 0; i < rows.counts[row]; ++i) {
      const int64_t vertical = row * rows.most + i;
      const int64_t line = static_cast<int64_t>(rows.windows[vertical]) * d.columns.out;
      const float* const weights = d.weights + rows.taps[vertical] * d.columns.kernel * kBlock;
      for (int32_t j = 0; j < columns.counts[column]; ++j) {
        const int64_t horizontal = column * columns.most + j;
        sum = hn::MulAdd(take(gy, from, (line + columns.windows[horizontal]) * kBlock),
                         load(weights + columns.taps[horizontal] * kBlock), sum);
      }
    }
    give(gx, to, (row * d.columns.in + column) * kBlock, sum, d.accumulate);
  }
}

/// Computes channels [channel, channel + kLanes) of the block.
template <typename T>
void lanes_gradient(DepthwiseGradient gradient, int64_t channel, int64_t begin, int64_t end, const T* gy,
                    const Gate& from, T* gx, const Gate& to, float* scratch) {
  Limits<T> limits_from(from), limits_to(to);
  for (Limits<T>* const limits : {&limits_from, &limits_to})
    if (limits->y != nullptr) limits->y += channel;
  gradient.weights += channel;
  gy += channel;
  gx += channel;
  if (!is_dense(gradient)) {
    for (int64_t row = begin; row < end; ++row) sparse_row(gradient, row, gy, limits_from, gx, limits_to);
  } else if (gradient.columns.kernel == 3) {
    dense_rows<3>(gradient, begin, end, gy, limits_from, gx, limits_to, scratch);
  } else {
    dense_rows<5>(gradient, begin, end, gy, limits_from, gx, limits_to, scratch);
  }
}

template <typename T>
void depthwise_gradient(const DepthwiseGradient& gradient, int64_t begin, int64_t end, const T* gy,
                        const Gate& from, T* gx, const Gate& to, float* scratch) {
  for (int64_t channel = 0; channel < kBlock; channel += kLanes)
    lanes_gradient(gradient, channel, begin, end, gy, from, gx, to, scratch);
}

inline int64_t depthwise_scratch(const DepthwiseGradient& gradient) {
  return is_dense(gradient) ? gradient.rows.kernel * line_cells(gradient.columns) * kBlock : 0;
}

#endif  // DREAMREEL_IS_TARGET
}  // namespace dreamreel::network::rows::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernel_dispatch.h"

namespace dreamreel::network::rows {

int64_t depthwise_scratch(const DepthwiseGradient& gradient) {
  return DREAMREEL_KERNEL(depthwise_scratch)(gradient);
}

template <typename T>
void depthwise_gradient(const DepthwiseGradient& gradient, int64_t begin, int64_t end, const T* gy,
                        const Gate& from, T* gx, const Gate& to, float* scratch) {
  DREAMREEL_KERNEL(depthwise_gradient<T>)(gradient, begin, end, gy, from, gx, to, scratch);
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define DREAMREEL_DEPTHWISE_ROWS(T)                                                                          \
  template void depthwise_gradient<T>(const DepthwiseGradient&, int64_t, int64_t, const T*, const Gate&, T*, \
                                      const Gate&, float*);
// NOLINTEND(bugprone-macro-parentheses)

DREAMREEL_DEPTHWISE_ROWS(float)
DREAMREEL_DEPTHWISE_ROWS(Bf16)

}  // namespace dreamreel::network::rows
#endif  // HWY_ONCE
