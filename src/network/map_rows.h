// Inner loops of means over whole maps, products of maps, and resizing. The rules of fused_rows.h apply.
#pragma once

#include "fused_rows.h"

namespace dreamreel::network::rows {

inline constexpr int64_t kMostChannels = 16;  ///< in Cells

/// Neighbouring cells of a map, and the number of channels to use of each cell.
struct Cells {
  int64_t rows = 0, columns = 0;  ///< of the map
  int64_t stride = 0;             ///< numbers from one cell to the next
  int64_t channels = 0;           ///< 1 to kMostChannels
};

/// y[c] <- factor * sum over all cells of a[c] * b[c]. With `accumulate`, adds to y[c]. If b is nullptr, sums
/// a[c].
template <typename T>
void sum_cells(const Cells& cells, T* y, const T* a, const T* b, float factor, bool accumulate);

/// y[cell][c] <- factor * s[c] * x[cell][c]. With `accumulate`, adds to y. If x is nullptr, it counts as 1.
template <typename T>
void scale_cells(const Cells& cells, T* y, const T* x, const T* s, float factor, bool accumulate);

/// y <- a * b. With `accumulate`, adds to y.
template <typename T>
void multiply(T* y, const T* a, const T* b, int64_t count, bool accumulate);

/// One axis of a resizing. Result i is (1 - weights[i]) * position low[i] + weights[i] * position high[i].
struct Between {
  const int32_t* low = nullptr;
  const int32_t* high = nullptr;
  const float* weights = nullptr;
  int64_t in = 0, out = 0;
};

/// The same seen from the input. Position i contributes to results[k] with weights[k], for k in [begins[i],
/// begins[i + 1]).
struct Shares {
  const int32_t* begins = nullptr;
  const int32_t* results = nullptr;
  const float* weights = nullptr;
  int64_t in = 0, out = 0;
};

/// Computes row `row` of y, for one outer plane with cells of `inner` numbers.
template <typename T>
void resize_row(const Between& rows, const Between& columns, int64_t inner, int64_t row, const T* x, T* y);

/// Computes row `row` of the gradient to x.
template <typename T>
void resize_row_gradient(const Shares& rows, const Shares& columns, int64_t inner, int64_t row, const T* gy,
                         T* gx, bool accumulate);

}  // namespace dreamreel::network::rows
