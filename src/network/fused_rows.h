// The innermost loops of the fused executor: one row of an activation map at a time. Their sources are compiled once for
// each kind of processor (row_vectors.h), and every call takes the kind that kernels.h has chosen. They may be called only
// where there is one; with Bf16 only where supports_fused() of fused_convolution.h says so.
//
// A map's numbers lie as [outer][H][W][inner]: channel c is outer * inner + its place in the cell. T is float or
// Bf16, the bits of a bfloat16. All arithmetic is float32, rounded once when stored.
#pragma once

#include <cstdint>

namespace dreamreel::network::rows {

using Bf16 = uint16_t;

/// dst cell <- src cell (+ dst cell if `accumulate`), `cells` times; strides in numbers.
template <typename T>
void copy_cells(T* dst, int64_t dst_stride, const T* src, int64_t src_stride, int64_t cells, int64_t channels,
                bool accumulate);

/// y <- x * scale[c] + shift[c] for each cell; `relu`: then max(., 0). In place where y == x.
template <typename T>
void scale_shift(T* y, const T* x, int64_t cells, int64_t channels, const float* scale, const float* shift,
                 bool relu);

/// y <- max(x, 0), NaN stays.
template <typename T>
void relu(T* y, const T* x, int64_t count);

/// y <- max(0, a + b) if `relu`, else a + b.
template <typename T>
void add(T* y, const T* a, const T* b, int64_t count, bool relu);

/// y <- min(max(x, low), high).
template <typename T>
void clip(T* y, const T* x, int64_t count, float low, float high);

/// g <- y != 0 ? g : 0.
template <typename T>
void mask_nonzero(T* g, const T* y, int64_t count);

/// g <- low < y < high ? g : 0.
template <typename T>
void mask_between(T* g, const T* y, int64_t count, float low, float high);

/// Which windows of one axis hold an input position, as lists of equal length `most`: windows[i * most + k] is the k-th
/// window that holds position i, taps[...] the place in it; counts[i] of them.
struct Taps {
  const int32_t* counts = nullptr;
  const int32_t* windows = nullptr;
  const int32_t* taps = nullptr;
  int64_t most = 0;
};

struct Axis {
  int64_t in = 0, out = 0, kernel = 1, stride = 1, dilation = 1, before = 0;
  Taps taps;
  const float* inverse_counts =
      nullptr;  ///< of average pools: 1 / positions that a window averages over, [out]
};

struct Pool {
  Axis rows, columns;
  int64_t inner = 0;
};

/// Row `row` of y, for one `outer`; index[.] gets the place of the first maximum in its window, row by row.
template <typename T>
void max_pool(const Pool& pool, int64_t row, const T* x, T* y, uint8_t* index);
/// Row `row` of the gradient to x.
template <typename T>
void max_pool_gradient(const Pool& pool, int64_t row, const T* gy, const uint8_t* index, T* gx,
                       bool accumulate);
template <typename T>
void average_pool(const Pool& pool, int64_t row, const T* x, T* y);
template <typename T>
void average_pool_gradient(const Pool& pool, int64_t row, const T* gy, T* gx, bool accumulate);

}  // namespace dreamreel::network::rows
