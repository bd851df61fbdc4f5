// Inner loops of means over whole maps, products of maps, and resizing, with the rules of fused_rows.h.
#pragma once

#include "fused_rows.h"

namespace dreamreel::network::rows {

inline constexpr int64_t kMostChannels = 16;  ///< of Cells

/// Cells of a map that lie one behind another, of which up to 16 channels are looked at.
struct Cells {
  int64_t rows = 0, columns = 0;  ///< of the map
  int64_t stride = 0;             ///< numbers from one cell to the next
  int64_t channels = 0;           ///< 1 to kMostChannels
};

/// y[c] <- factor * sum over all cells of a[c] * b[c] (+ y[c] if `accumulate`); without b if that is nullptr.
template <typename T>
void sum_cells(const Cells& cells, T* y, const T* a, const T* b, float factor, bool accumulate);

/// y[cell][c] <- factor * s[c] * x[cell][c] (+ y[cell][c] if `accumulate`); without x if that is nullptr.
template <typename T>
void scale_cells(const Cells& cells, T* y, const T* x, const T* s, float factor, bool accumulate);

/// y <- a * b (+ y if `accumulate`).
template <typename T>
void multiply(T* y, const T* a, const T* b, int64_t count, bool accumulate);

/// One axis of a resizing: result i is made of positions low[i] and high[i], high's weight being weights[i].
struct Between {
  const int32_t* low = nullptr;
  const int32_t* high = nullptr;
  const float* weights = nullptr;
  int64_t in = 0, out = 0;
};

/// The same the other way round: position i goes into results[k] with weights[k], for k in [begins[i],
/// begins[i + 1]).
struct Shares {
  const int32_t* begins = nullptr;
  const int32_t* results = nullptr;
  const float* weights = nullptr;
  int64_t in = 0, out = 0;
};

/// Row `row` of y, for one `outer` plane of cells of `inner` numbers.
template <typename T>
void resize_row(const Between& rows, const Between& columns, int64_t inner, int64_t row, const T* x, T* y);

/// Row `row` of the gradient to x.
template <typename T>
void resize_row_gradient(const Shares& rows, const Shares& columns, int64_t inner, int64_t row, const T* gy,
                         T* gx, bool accumulate);

}  // namespace dreamreel::network::rows
