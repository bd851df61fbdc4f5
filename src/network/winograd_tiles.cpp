#include "winograd_tiles.h"

#include "highway_targets.h"

// Highway includes this source once for each target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "winograd_tiles.cpp"
#include <hwy/foreach_target.h>
// Highway has to include this header again for each target.
#include "row_vectors.h"

HWY_BEFORE_NAMESPACE();
namespace dreamreel::network::winograd::HWY_NAMESPACE {
#if DREAMREEL_IS_TARGET

using namespace rows::HWY_NAMESPACE;

// Products are computed in panels: some vectors of results for some tiles at once, so that their sums fill
// the registers. The blocks of a group share the evaluated map while it is in the cache.
#if HWY_TARGET == HWY_AVX2
constexpr int64_t kRegisters = 16, kMostPanel = 2, kMostBlocks = 4;
#elif HWY_TARGET == HWY_AVX3
constexpr int64_t kRegisters = 32, kMostPanel = 3, kMostBlocks = 3;
#else
constexpr int64_t kRegisters = 32, kMostPanel = 4, kMostBlocks = 2;
#endif

/// How many of `left` blocks of results are computed next. No single block is left over.
HWY_INLINE int64_t next_blocks(int64_t left) {
  if (kMostBlocks == 4) return left == 5 ? 3 : left < 4 ? left : 4;
  return left == kMostBlocks ? left : left < 2 ? left : 2;
}

/// The number of tiles for which a panel's sums fit into the registers, together with the weights and one
/// number.
constexpr int64_t tiles_of(int64_t panel) {
  for (const int64_t tiles : {12, 6, 4, 3, 2})
    if (tiles * panel + panel + 1 <= kRegisters) return tiles;
  return 1;
}

HWY_INLINE int64_t smaller(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/// Numbers from one frequency's matrix to the next: an odd number of cache lines. With an even number, the 64
/// places that a tile's channels go to would share cache sets.
HWY_INLINE int64_t spaced(int64_t numbers) {
  constexpr int64_t kLine = 16;
  const int64_t lines = (numbers + kLine - 1) / kLine;
  return (lines % 2 == 0 ? lines + 1 : lines) * kLine;
}

HWY_INLINE int64_t input_spacing(const Problem& problem) {
  return spaced(kTilesAtOnce * problem.in_blocks * kBlock);
}

/// The gradient of a ReLU, from its result `open`. The ReLU is leaky if `slope` is not 0.
template <typename T>
HWY_INLINE Vector masked(Vector value, const T* open, float slope) {
  const Mask is_closed = hn::Le(load(open), zero());
  if (slope == 0) return hn::IfThenZeroElse(is_closed, value);
  return hn::IfThenElse(is_closed, hn::Mul(value, all(slope)), value);
}

/// Multiplies numbers below 0 by `slope`.
HWY_INLINE Vector leaking(Vector value, float slope) {
  return hn::IfThenElse(hn::Lt(value, zero()), hn::Mul(value, all(slope)), value);
}

/// Fetches `cells` cells into the cache. They may lie outside the map.
template <typename T>
HWY_INLINE void prefetch(const T* from, int64_t cells) {
  constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(T));
  for (int64_t i = 0; i < cells * kBlock; i += kLine) __builtin_prefetch(from + i);
}

/// factor * a + b
HWY_INLINE Vector plus(float factor, Vector a, Vector b) {
  return hn::MulAdd(all(factor), a, b);
}

/// The finite points: 0 and three pairs, each a number and its negative.
constexpr float kSizes[] = {1, 2, 0.5F};

/// Rows `point` and -`point` of B', applied to the numbers. With the other sizes b and c, the rows hold the
/// coefficients of x (x + point) (x^2 - b^2) (x^2 - c^2).
HWY_INLINE void evaluate_pair(const Vector (&x)[8], float point, float b, float c, Vector& plus_point,
                              Vector& minus_point) {
  const float sum = b * b + c * c, product = b * b * c * c;
  const Vector even = plus(product, x[2], plus(-sum, x[4], x[6]));
  const Vector odd = plus(product, x[1], plus(-sum, x[3], x[5]));
  plus_point = plus(point, odd, even);
  minus_point = plus(-point, odd, even);
}

/// Applies B' to eight numbers.
HWY_INLINE void transform_input(const Vector (&x)[8], Vector (&y)[8]) {
  // (x^2 - 1) (x^2 - 4) (x^2 - 1/4) = x^6 - 21/4 x^4 + 21/4 x^2 - 1
  y[0] = hn::Sub(plus(5.25F, hn::Sub(x[2], x[4]), x[6]), x[0]);
  evaluate_pair(x, kSizes[0], kSizes[1], kSizes[2], y[1], y[2]);
  evaluate_pair(x, kSizes[1], kSizes[0], kSizes[2], y[3], y[4]);
  evaluate_pair(x, kSizes[2], kSizes[0], kSizes[1], y[5], y[6]);
  y[7] = hn::Sub(plus(5.25F, hn::Sub(x[3], x[5]), x[7]), x[1]);
}

/// Applies A' to eight numbers. Result k is the sum of point^k times the number at that point. The last
/// result also has the number at infinity.
template <int Results>
HWY_INLINE void transform_output(const Vector (&x)[8], Vector (&y)[Results]) {
  const Vector sums[] = {hn::Add(x[1], x[2]), hn::Add(x[3], x[4]), hn::Add(x[5], x[6])};
  const Vector differences[] = {hn::Sub(x[1], x[2]), hn::Sub(x[3], x[4]), hn::Sub(x[5], x[6])};
  float two = 1, half = 1;
#pragma GCC unroll 8
  for (int k = 0; k < Results; ++k) {
    const auto& parts = k % 2 == 0 ? sums : differences;
    y[k] = plus(two, parts[1], plus(half, parts[2], parts[0]));
    two *= kSizes[1];
    half *= kSizes[2];
  }
  y[0] = hn::Add(y[0], x[0]);
  y[Results - 1] = hn::Add(y[Results - 1], x[7]);
}

struct Place {
  int64_t y, x;  ///< of a tile's first result
};

HWY_INLINE Place place_of(const Problem& problem, int64_t tile) {
  const int64_t columns = tile_columns(problem), results = results_of(problem.kernel);
  return {tile / columns * results, tile % columns * results};
}

/// Transforms a block of channels of one tile to its 64 frequencies, which lie `spacing` apart.
template <typename T>
void take_tile(const Problem& problem, Place place, const T* src, float* to, int64_t spacing) {
  const int64_t top = place.y - problem.before_rows, left = place.x - problem.before_columns;
  const bool is_inside =
      top >= 0 && left >= 0 && top + kPoints <= problem.in_height && left + kPoints <= problem.in_width;
  const int64_t results = results_of(problem.kernel);
  Vector half[kPoints][kPoints];  // [column][row]
  for (int64_t i = 0; i < kPoints; ++i) {
    Vector row[kPoints], turned[kPoints];
    const T* from = src + ((top + i) * problem.in_width + left) * kBlock;
    prefetch(from + (kPoints + results) * kBlock, results);  // the new columns of the tile after the next
    if (is_inside) {
#pragma GCC unroll 8
      for (int64_t j = 0; j < kPoints; ++j) row[j] = load(from + j * kBlock);
    } else {
      const bool is_row = top + i >= 0 && top + i < problem.in_height;
#pragma GCC unroll 8
      for (int64_t j = 0; j < kPoints; ++j) {
        const bool is_there = is_row && left + j >= 0 && left + j < problem.in_width;
        row[j] = is_there ? load(from + j * kBlock) : zero();
      }
    }
    transform_input(row, turned);
#pragma GCC unroll 8
    for (int64_t j = 0; j < kPoints; ++j) half[j][i] = turned[j];
  }
  for (int64_t j = 0; j < kPoints; ++j) {
    Vector column[kPoints];
    transform_input(half[j], column);
#pragma GCC unroll 8
    for (int64_t i = 0; i < kPoints; ++i) store(to + (i * kPoints + j) * spacing, column[i]);
  }
}

/// Computes a block of channels of one tile from its 64 frequencies.
template <int Results, typename T>
void give_tile(const Problem& problem, const Finish& finish, int64_t channel, Place place, const float* from,
               int64_t spacing, T* dst, const T* open) {
  Vector half[Results][kPoints];  // [row][column]
  for (int64_t j = 0; j < kPoints; ++j) {
    Vector column[kPoints], turned[Results];
#pragma GCC unroll 8
    for (int64_t i = 0; i < kPoints; ++i) column[i] = load(from + (i * kPoints + j) * spacing);
    transform_output<Results>(column, turned);
#pragma GCC unroll 8
    for (int64_t i = 0; i < Results; ++i) half[i][j] = turned[i];
  }
  const Vector bias = finish.bias == nullptr ? zero() : load(finish.bias + channel);
  const Vector low = all(finish.low), high = all(finish.high);
  const int64_t height = smaller(Results, problem.out_height - place.y);
  const int64_t width = smaller(Results, problem.out_width - place.x);
  for (int64_t i = 0; i < height; ++i) {
    Vector row[Results];
    transform_output<Results>(half[i], row);
    const int64_t offset = ((place.y + i) * problem.out_width + place.x) * kBlock;
    T* to = dst + offset;
#pragma GCC unroll 8
    for (int64_t j = 0; j < Results; ++j) {
      if (j >= width) break;
      Vector value = hn::Add(row[j], bias);
      if (finish.accumulate) value = hn::Add(value, load(to + j * kBlock));
      value = hn::Min(high, hn::Max(low, value));  // Min and Max give the second argument if one is NaN
      if (finish.slope != 1) value = leaking(value, finish.slope);
      if (open != nullptr) value = masked(value, open + offset + j * kBlock, finish.closed_slope);
      store(to + j * kBlock, value);
    }
  }
}

/// y[tile][panel] = sum over the channels of x[tile][channel] * weights[channel][panel], for `Tiles` tiles
/// and a panel of `Vectors` vectors. Rows of the weights and of y are `columns` numbers apart.
template <int64_t Tiles, int64_t Vectors>
void multiply(const float* x, int64_t channels, const float* weights, int64_t columns, float* y) {
  if (kMostPanel * kLanes >= kMostBlocks * kBlock)
    columns = Vectors * kLanes;  // a compile-time constant: one panel is a group
  Vector sums[Tiles][Vectors];
#pragma GCC unroll 24
  for (int64_t t = 0; t < Tiles; ++t) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < Vectors; ++v) sums[t][v] = zero();
  }
  for (int64_t c = 0; c < channels; ++c) {
    Vector w[Vectors];
#pragma GCC unroll 4
    for (int64_t v = 0; v < Vectors; ++v) w[v] = load(weights + c * columns + v * kLanes);
#pragma GCC unroll 24
    for (int64_t t = 0; t < Tiles; ++t) {
      const Vector number = all(x[t * channels + c]);
#pragma GCC unroll 4
      for (int64_t v = 0; v < Vectors; ++v) sums[t][v] = hn::MulAdd(number, w[v], sums[t][v]);
    }
  }
#pragma GCC unroll 24
  for (int64_t t = 0; t < Tiles; ++t) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < Vectors; ++v) store(y + t * columns + v * kLanes, sums[t][v]);
  }
}

/// Multiplies one panel for up to kTilesAtOnce tiles.
template <int64_t Vectors>
HWY_INLINE void multiply_panel(const float* x, int64_t tiles, int64_t channels, const float* weights,
                               int64_t columns, float* y) {
  constexpr int64_t kTiles = tiles_of(Vectors);
  for (int64_t t = 0; t < tiles; t += kTiles)
    multiply<kTiles, Vectors>(x + t * channels, channels, weights, columns, y + t * columns);
}

/// Multiplies a group of blocks.
HWY_INLINE void multiply_blocks(int64_t blocks, const float* x, int64_t tiles, int64_t channels,
                                const float* weights, float* y) {
  const int64_t columns = blocks * kBlock;
  for (int64_t begin = 0; begin < columns;) {
    const int64_t vectors = smaller((columns - begin) / kLanes, kMostPanel);
    const float* const w = weights + begin;
    float* const to = y + begin;
    if (vectors == 1) multiply_panel<1>(x, tiles, channels, w, columns, to);
    if (vectors == 2) multiply_panel<2>(x, tiles, channels, w, columns, to);
    if constexpr (kMostPanel >= 3)
      if (vectors == 3) multiply_panel<3>(x, tiles, channels, w, columns, to);
    if constexpr (kMostPanel >= 4)
      if (vectors == 4) multiply_panel<4>(x, tiles, channels, w, columns, to);
    begin += vectors * kLanes;
  }
}

/// How many numbers the weights of these blocks have.
HWY_INLINE int64_t group_weights(int64_t in_blocks, int64_t out_blocks) {
  return kFrequencies * in_blocks * out_blocks * kBlock * kBlock;
}

template <int Results, typename T>
void compute_tiles(const Problem& problem, const Finish& finish, int64_t first, int64_t count, const T* src,
                   const float* weights, T* dst, float* scratch) {
  const int64_t channels = problem.in_blocks * kBlock, in_spacing = input_spacing(problem);
  const int64_t in_plane = problem.in_height * problem.in_width * kBlock;
  const int64_t out_plane = problem.out_height * problem.out_width * kBlock;
  const T* const open = static_cast<const T*>(finish.open);
  float* const products = scratch + kFrequencies * in_spacing;
  // Tile after tile within a block of channels, because neighbouring tiles lie side by side in memory.
  for (int64_t block = 0; block < problem.in_blocks; ++block) {
    for (int64_t t = 0; t < count; ++t) {
      for (int64_t lane = 0; lane < kBlock; lane += kLanes)
        take_tile(problem, place_of(problem, first + t), src + block * in_plane + lane,
                  scratch + t * channels + block * kBlock + lane, in_spacing);
    }
  }
  for (int64_t begin = 0; begin < problem.out_blocks;) {
    const int64_t blocks = next_blocks(problem.out_blocks - begin);
    const int64_t out_spacing = spaced(kTilesAtOnce * blocks * kBlock);
    const float* const group = weights + group_weights(problem.in_blocks, begin);
    for (int64_t f = 0; f < kFrequencies; ++f)
      multiply_blocks(blocks, scratch + f * in_spacing, count, channels,
                      group + f * channels * blocks * kBlock, products + f * out_spacing);
    for (int64_t b = 0; b < blocks; ++b) {
      for (int64_t i = 0; i < count * (kBlock / kLanes); ++i) {
        const int64_t t = i / (kBlock / kLanes), lane = i % (kBlock / kLanes) * kLanes;
        const int64_t plane = (begin + b) * out_plane + lane;
        give_tile<Results>(problem, finish, (begin + b) * kBlock + lane, place_of(problem, first + t),
                           products + (t * blocks + b) * kBlock + lane, out_spacing, dst + plane,
                           open == nullptr ? nullptr : open + plane);
      }
    }
    begin += blocks;
  }
}

/// The matrix G, row by row. Each row evaluates the weights w of one axis at a point p, divided by the
/// product of p's distances from the other finite points. The last row evaluates them at infinity.
inline void points_of_weights(int64_t kernel, double (&g)[kPoints][kPoints]) {
  constexpr double kFinite[kPoints - 1] = {0,          kSizes[0], -kSizes[0], kSizes[1],
                                           -kSizes[1], kSizes[2], -kSizes[2]};
  for (int64_t i = 0; i < kPoints - 1; ++i) {
    double power = 1;
    for (int64_t other = 0; other < kPoints - 1; ++other)
      if (other != i) power /= kFinite[i] - kFinite[other];
    for (int64_t k = 0; k < kernel; ++k, power *= kFinite[i]) g[i][k] = power;
  }
  for (int64_t k = 0; k < kernel; ++k) g[kPoints - 1][k] = k == kernel - 1 ? 1 : 0;
}

inline void transform_weights(const float* weights, int64_t kernel, int64_t out_channels, int64_t in_channels,
                              float* transformed) {
  const int64_t in_blocks = (in_channels + kBlock - 1) / kBlock,
                out_blocks = (out_channels + kBlock - 1) / kBlock;
  const int64_t in_padded = in_blocks * kBlock;
  double g[kPoints][kPoints];
  points_of_weights(kernel, g);
  // [group of blocks of results][frequency][channel][channel of the group]
  for (int64_t begin = 0; begin < out_blocks;) {
    const int64_t blocks = next_blocks(out_blocks - begin);
    float* const group = transformed + group_weights(in_blocks, begin);
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t first = (begin + block) * kBlock, lanes = smaller(kBlock, out_channels - first);
      for (int64_t in = 0; in < in_padded; ++in) {
        const bool is_there = in < in_channels;
        double half[kPoints][kPoints][kBlock] = {};  // [row of w][point of the columns]
        for (int64_t a = 0; is_there && a < kernel; ++a) {
          for (int64_t b = 0; b < kernel; ++b) {
            double w[kBlock] = {};
            for (int64_t lane = 0; lane < lanes; ++lane)
              w[lane] = weights[(((first + lane) * in_channels + in) * kernel + a) * kernel + b];
            for (int64_t j = 0; j < kPoints; ++j)
              for (int64_t lane = 0; lane < kBlock; ++lane)
                half[a][j][lane] = __builtin_fma(w[lane], g[j][b], half[a][j][lane]);
          }
        }
        for (int64_t i = 0; i < kPoints; ++i) {
          for (int64_t j = 0; j < kPoints; ++j) {
            double sum[kBlock] = {};
            for (int64_t a = 0; a < kernel; ++a)
              for (int64_t lane = 0; lane < kBlock; ++lane)
                sum[lane] = __builtin_fma(g[i][a], half[a][j][lane], sum[lane]);
            float* const to = group + (((i * kPoints + j) * in_padded + in) * blocks + block) * kBlock;
            for (int64_t lane = 0; lane < kBlock; ++lane) to[lane] = static_cast<float>(sum[lane]);
          }
        }
      }
    }
    begin += blocks;
  }
}

inline int64_t scratch_numbers(const Problem& problem) {
  return kFrequencies * (input_spacing(problem) + spaced(kTilesAtOnce * kMostBlocks * kBlock));
}

template <typename T>
void compute(const Problem& problem, const Finish& finish, int64_t first, int64_t count, const T* src,
             const float* weights, T* dst, float* scratch) {
  if (problem.kernel == 3)
    compute_tiles<results_of(3)>(problem, finish, first, count, src, weights, dst, scratch);
  else
    compute_tiles<results_of(5)>(problem, finish, first, count, src, weights, dst, scratch);
}

#endif  // DREAMREEL_IS_TARGET
}  // namespace dreamreel::network::winograd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernel_dispatch.h"

namespace dreamreel::network::winograd {

int64_t tile_count(const Problem& problem) {
  const int64_t results = results_of(problem.kernel);
  return (problem.out_height + results - 1) / results * tile_columns(problem);
}

int64_t scratch_numbers(const Problem& problem) {
  return DREAMREEL_KERNEL(scratch_numbers)(problem);
}

int64_t weight_numbers(int64_t in_blocks, int64_t out_blocks) {
  const int64_t channels = block_channels();
  return kFrequencies * in_blocks * out_blocks * channels * channels;
}

void transform_weights(const float* weights, int64_t kernel, int64_t out_channels, int64_t in_channels,
                       float* transformed) {
  DREAMREEL_KERNEL(transform_weights)(weights, kernel, out_channels, in_channels, transformed);
}

template <typename T>
void compute(const Problem& problem, const Finish& finish, int64_t first, int64_t count, const T* src,
             const float* weights, T* dst, float* scratch) {
  DREAMREEL_KERNEL(compute<T>)(problem, finish, first, count, src, weights, dst, scratch);
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define DREAMREEL_WINOGRAD(T)                                                                           \
  template void compute<T>(const Problem&, const Finish&, int64_t, int64_t, const T*, const float*, T*, \
                           float*);
// NOLINTEND(bugprone-macro-parentheses)

DREAMREEL_WINOGRAD(float)
DREAMREEL_WINOGRAD(Bf16)

}  // namespace dreamreel::network::winograd
#endif  // HWY_ONCE
