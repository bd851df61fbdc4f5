#include "depthwise_rows.h"

#include "row_vectors.h"

namespace dreamreel::network::rows {
namespace {

constexpr __mmask16 kAll = 0xFFFF;
constexpr int64_t kAtOnce = 4;      // columns of gx
constexpr int64_t kMostKernel = 5;  // of those with loops of their own

/// Whether the windows of this kind have a loop of their own.
bool is_dense(const DepthwiseGradient& d) {
  return d.rows.dilation == 1 && d.columns.dilation == 1 && d.columns.stride <= 2 &&
         (d.columns.kernel == 3 || d.columns.kernel == 5) && d.rows.kernel <= kMostKernel;
}

/// Zeros before and behind a row of gy, so that no window reaches beyond it.
int64_t lead(const Axis& columns) {
  return columns.kernel - 1;
}
int64_t line_cells(const Axis& columns) {
  const int64_t reached = (columns.in + kAtOnce + columns.before) / columns.stride + 1;
  return lead(columns) + (reached > columns.out ? reached : columns.out);
}

/// A gate's limits as bits. Results of an activation lie between its limits, so that they are equal to them
/// or inside.
template <typename T>
struct Limits {
  explicit Limits(const Gate& gate) : y(static_cast<const T*>(gate.y)) {
    const int shift = sizeof(T) == sizeof(float) ? 0 : 16;
    const auto bits = [&](float limit) {
      int32_t all = 0;
      __builtin_memcpy(&all, &limit, sizeof(all));
      return static_cast<int32_t>(static_cast<uint32_t>(all) >> shift);
    };
    low = bits(gate.low);
    high = bits(gate.high);
    other = gate.low == 0 ? bits(-0.0F) : low;
  }
  const T* y;
  int32_t low = 0, other = 0, high = 0;
};

__mmask16 open(const Limits<float>& limits, int64_t i) {
  const __m512i y = _mm512_loadu_si512(limits.y + i);
  const auto is = [&](int32_t bits) { return _mm512_cmpneq_epi32_mask(y, _mm512_set1_epi32(bits)); };
  return static_cast<__mmask16>(is(limits.low) & is(limits.other) & is(limits.high));
}

__mmask16 open(const Limits<Bf16>& limits, int64_t i) {
  const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(limits.y + i));
  const auto is = [&](int32_t bits) {
    return _mm256_cmpneq_epi16_mask(y, _mm256_set1_epi16(static_cast<int16_t>(bits)));
  };
  return static_cast<__mmask16>(is(limits.low) & is(limits.other) & is(limits.high));
}

template <typename T>
[[gnu::always_inline]] inline __m512 take(const T* g, const Limits<T>& from, int64_t i) {
  const __m512 value = load(g + i, kAll);
  return from.y == nullptr ? value : _mm512_maskz_mov_ps(open(from, i), value);
}

template <typename T>
[[gnu::always_inline]] inline void give(T* gx, const Limits<T>& to, int64_t i, __m512 value,
                                        bool accumulate) {
  value = add_to(gx + i, kAll, value, accumulate);
  if (to.y != nullptr) value = _mm512_maskz_mov_ps(open(to, i), value);
  store(gx + i, kAll, value);
}

/// The rows of gy that a row of gx takes, with the rows of weights that they are multiplied by.
struct Lines {
  const float* cells[kMostKernel];  ///< the first cell of gy; zeros before and behind
  const float* weights[kMostKernel];
  int64_t count = 0;
};

/// Stride 1: each number of gy is read once for kAtOnce numbers of gx.
template <int Kernel, typename T>
void whole_row(const DepthwiseGradient& d, const Lines& lines, T* gx, const Limits<T>& to, int64_t base) {
  constexpr int64_t kReach = kAtOnce + Kernel - 1;
  for (int64_t column = 0; column < d.columns.in; column += kAtOnce) {
    __m512 sums[kAtOnce];
#pragma GCC unroll 8
    for (int64_t n = 0; n < kAtOnce; ++n) sums[n] = _mm512_setzero_ps();
    const int64_t first = (column + d.columns.before - (Kernel - 1)) * kLanes;
    for (int64_t line = 0; line < lines.count; ++line) {
      __m512 x[kReach];
#pragma GCC unroll 16
      for (int64_t n = 0; n < kReach; ++n) x[n] = _mm512_load_ps(lines.cells[line] + first + n * kLanes);
#pragma GCC unroll 8
      for (int64_t k = 0; k < Kernel; ++k) {
        const __m512 weight = _mm512_loadu_ps(lines.weights[line] + k * kLanes);
#pragma GCC unroll 8
        for (int64_t n = 0; n < kAtOnce; ++n)
          sums[n] = _mm512_fmadd_ps(x[n + Kernel - 1 - k], weight, sums[n]);
      }
    }
#pragma GCC unroll 8
    for (int64_t n = 0; n < kAtOnce; ++n)
      if (column + n < d.columns.in) give(gx, to, base + (column + n) * kLanes, sums[n], d.accumulate);
  }
}

/// Stride 2: of two neighbours of gx, one takes the even columns of the window, the other the odd ones.
template <int Kernel, typename T>
void halved_row(const DepthwiseGradient& d, const Lines& lines, T* gx, const Limits<T>& to, int64_t base) {
  for (int64_t cell = d.columns.before / 2; 2 * cell - d.columns.before < d.columns.in; ++cell) {
    __m512 even = _mm512_setzero_ps(), odd = _mm512_setzero_ps();
    for (int64_t line = 0; line < lines.count; ++line) {
#pragma GCC unroll 8
      for (int64_t k = 0; k < Kernel; k += 2) {
        const __m512 x = _mm512_load_ps(lines.cells[line] + (cell - k / 2) * kLanes);
        even = _mm512_fmadd_ps(x, _mm512_loadu_ps(lines.weights[line] + k * kLanes), even);
        if (k + 1 < Kernel)
          odd = _mm512_fmadd_ps(x, _mm512_loadu_ps(lines.weights[line] + (k + 1) * kLanes), odd);
      }
    }
    const int64_t column = 2 * cell - d.columns.before;
    if (column >= 0) give(gx, to, base + column * kLanes, even, d.accumulate);
    if (column + 1 < d.columns.in) give(gx, to, base + (column + 1) * kLanes, odd, d.accumulate);
  }
}

/// Rows of gy are made float32 and pass their gate once, into a ring of as many as a window is high.
template <int Kernel, typename T>
void dense_rows(const DepthwiseGradient& d, int64_t begin, int64_t end, const T* gy, const Limits<T>& from,
                T* gx, const Limits<T>& to, float* ring) {
  const int64_t numbers = line_cells(d.columns) * kLanes, ahead = lead(d.columns) * kLanes;
  for (int64_t i = 0; i < d.rows.kernel * numbers; i += kLanes)
    _mm512_store_ps(ring + i, _mm512_setzero_ps());
  int64_t filled = 0;
  for (int64_t row = begin; row < end; ++row) {
    const int64_t reach = row + d.rows.before, low = reach - d.rows.kernel + 1;
    const int64_t first = low <= 0 ? 0 : (low + d.rows.stride - 1) / d.rows.stride;
    Lines lines;
    for (int64_t o = first; o < d.rows.out && o * d.rows.stride <= reach; ++o) {
      float* const line = ring + o % d.rows.kernel * numbers + ahead;
      for (int64_t c = 0; o >= filled && c < d.columns.out; ++c)
        _mm512_store_ps(line + c * kLanes, take(gy, from, (o * d.columns.out + c) * kLanes));
      filled = o >= filled ? o + 1 : filled;
      lines.cells[lines.count] = line;
      lines.weights[lines.count] = d.weights + (reach - o * d.rows.stride) * Kernel * kLanes;
      ++lines.count;
    }
    const int64_t base = row * d.columns.in * kLanes;
    if (d.columns.stride == 1)
      whole_row<Kernel>(d, lines, gx, to, base);
    else
      halved_row<Kernel>(d, lines, gx, to, base);
  }
}

/// Any stride, dilation and window.
template <typename T>
void sparse_row(const DepthwiseGradient& d, int64_t row, const T* gy, const Limits<T>& from, T* gx,
                const Limits<T>& to) {
  const Taps &rows = d.rows.taps, &columns = d.columns.taps;
  for (int64_t column = 0; column < d.columns.in; ++column) {
    __m512 sum = _mm512_setzero_ps();
    for (int32_t i = 0; i < rows.counts[row]; ++i) {
      const int64_t vertical = row * rows.most + i;
      const int64_t line = static_cast<int64_t>(rows.windows[vertical]) * d.columns.out;
      const float* const weights = d.weights + rows.taps[vertical] * d.columns.kernel * kLanes;
      for (int32_t j = 0; j < columns.counts[column]; ++j) {
        const int64_t horizontal = column * columns.most + j;
        sum = _mm512_fmadd_ps(take(gy, from, (line + columns.windows[horizontal]) * kLanes),
                              _mm512_loadu_ps(weights + columns.taps[horizontal] * kLanes), sum);
      }
    }
    give(gx, to, (row * d.columns.in + column) * kLanes, sum, d.accumulate);
  }
}

}  // namespace

int64_t depthwise_scratch(const DepthwiseGradient& gradient) {
  return is_dense(gradient) ? gradient.rows.kernel * line_cells(gradient.columns) * kLanes : 0;
}

template <typename T>
void depthwise_gradient(const DepthwiseGradient& gradient, int64_t begin, int64_t end, const T* gy,
                        const Gate& from, T* gx, const Gate& to, float* scratch) {
  const Limits<T> limits_from(from), limits_to(to);
  if (!is_dense(gradient)) {
    for (int64_t row = begin; row < end; ++row) sparse_row(gradient, row, gy, limits_from, gx, limits_to);
  } else if (gradient.columns.kernel == 3) {
    dense_rows<3>(gradient, begin, end, gy, limits_from, gx, limits_to, scratch);
  } else {
    dense_rows<5>(gradient, begin, end, gy, limits_from, gx, limits_to, scratch);
  }
}

#define DREAMREEL_DEPTHWISE_ROWS(T)                                                                          \
  template void depthwise_gradient<T>(const DepthwiseGradient&, int64_t, int64_t, const T*, const Gate&, T*, \
                                      const Gate&, float*);

DREAMREEL_DEPTHWISE_ROWS(float)
DREAMREEL_DEPTHWISE_ROWS(Bf16)

}  // namespace dreamreel::network::rows
