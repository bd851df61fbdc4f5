// The innermost loops of the fused executor, which treat one row of an activation map. Their sources are
// compiled once for each kind of processor (row_vectors.h). Every call takes the version that kernels.h has
// chosen, so there has to be one. Bf16 is allowed only where supports_fused() of fused_convolution.h says so.
//
// A map's numbers lie as [outer][H][W][inner]; `inner` numbers are a cell. Channel c is number c % inner of
// the cells in plane c / inner. T is float or Bf16, which holds the bits of a bfloat16. All arithmetic is
// float32, rounded once when stored.
#pragma once

#include <cstdint>

namespace dreamreel::network::rows {

using Bf16 = uint16_t;

/// dst <- src for `cells` cells of `channels` numbers. With `accumulate`, adds to dst. Strides are in
/// numbers.
template <typename T>
void copy_cells(T* dst, int64_t dst_stride, const T* src, int64_t src_stride, int64_t cells, int64_t channels,
                bool accumulate);

/// y <- x * scale[c] + shift[c] for each cell; with `relu`, then max(., 0). y and x may be the same.
template <typename T>
void scale_shift(T* y, const T* x, int64_t cells, int64_t channels, const float* scale, const float* shift,
                 bool relu);

/// y <- max(x, 0). NaN stays NaN.
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

/// The windows along one axis that hold an input position. Position i has counts[i] windows. windows[i * most
/// + k] is its k-th window, and taps[i * most + k] is its place in this window.
struct Taps {
  const int32_t* counts = nullptr;
  const int32_t* windows = nullptr;
  const int32_t* taps = nullptr;
  int64_t most = 0;
};

struct Axis {
  int64_t in = 0, out = 0, kernel = 1, stride = 1, dilation = 1, before = 0;
  Taps taps;
  /// For average pools: 1 / number of positions that a window averages over, [out].
  const float* inverse_counts = nullptr;
};

struct Pool {
  Axis rows, columns;
  int64_t inner = 0;
};

/// Computes row `row` of y, for one outer plane. index[.] becomes the place of the first maximum in its
/// window, row by row.
template <typename T>
void max_pool(const Pool& pool, int64_t row, const T* x, T* y, uint8_t* index);
/// Computes row `row` of the gradient to x.
template <typename T>
void max_pool_gradient(const Pool& pool, int64_t row, const T* gy, const uint8_t* index, T* gx,
                       bool accumulate);
template <typename T>
void average_pool(const Pool& pool, int64_t row, const T* x, T* y);
template <typename T>
void average_pool_gradient(const Pool& pool, int64_t row, const T* gy, T* gx, bool accumulate);

}  // namespace dreamreel::network::rows
