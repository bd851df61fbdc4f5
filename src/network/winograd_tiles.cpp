#include "winograd_tiles.h"

#include <immintrin.h>

namespace dreamreel::network::winograd {
namespace {

constexpr int64_t kMostBlocks = 3;  // of results at once

int64_t smaller(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/// Numbers from one frequency's matrix to the next's: an odd number of cache lines, so that the 64 places that a tile's
/// channels go to do not fall on one another in the cache.
int64_t spaced(int64_t numbers) {
  return numbers % (2 * kLanes) == 0 ? numbers + kLanes : numbers;
}

int64_t input_spacing(const Problem& problem) {
  return spaced(kTilesAtOnce * problem.in_blocks * kLanes);
}

__m512 load(const float* from) {
  return _mm512_loadu_ps(from);
}

__m512 load(const Bf16* from) {
  const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

/// The gradient of a ReLU, leaky where `slope` is not 0, from its result `open`.
template <typename T>
__m512 masked(__m512 value, const T* open, float slope) {
  const __mmask16 is_open = _mm512_cmp_ps_mask(load(open), _mm512_setzero_ps(), _CMP_NLE_UQ);
  if (slope == 0) return _mm512_maskz_mov_ps(is_open, value);
  return _mm512_mask_mov_ps(_mm512_mul_ps(value, _mm512_set1_ps(slope)), is_open, value);
}

/// Numbers below 0 times `slope`.
__m512 leaking(__m512 value, float slope) {
  const __mmask16 is_below = _mm512_cmp_ps_mask(value, _mm512_setzero_ps(), _CMP_LT_OQ);
  return _mm512_mask_mul_ps(value, is_below, value, _mm512_set1_ps(slope));
}

void store(float* to, __m512 value) {
  _mm512_storeu_ps(to, value);
}

void store(Bf16* to, __m512 value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(value)));
}

/// Into the cache, so many blocks of channels. May lie outside the map.
template <typename T>
void prefetch(const T* from, int64_t blocks) {
  constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(T));
  for (int64_t i = 0; i < blocks * kLanes; i += kLine)
    _mm_prefetch(reinterpret_cast<const char*>(from + i), _MM_HINT_T0);
}

// Inlined always, so that vectors that are handed over stay in registers.

/// factor * a + b
[[gnu::always_inline]] inline __m512 plus(float factor, __m512 a, __m512 b) {
  return _mm512_fmadd_ps(_mm512_set1_ps(factor), a, b);
}

/// The finite points: 0 and three pairs of one size.
constexpr float kSizes[] = {1, 2, 0.5F};

/// Rows `point` and -`point` of B': with the other sizes b and c, the coefficients of
/// x (x + point) (x^2 - b^2) (x^2 - c^2), applied to the numbers.
[[gnu::always_inline]] inline void evaluate_pair(const __m512 (&x)[8], float point, float b, float c,
                                                 __m512& plus_point, __m512& minus_point) {
  const float sum = b * b + c * c, product = b * b * c * c;
  const __m512 even = plus(product, x[2], plus(-sum, x[4], x[6]));
  const __m512 odd = plus(product, x[1], plus(-sum, x[3], x[5]));
  plus_point = plus(point, odd, even);
  minus_point = plus(-point, odd, even);
}

/// B' of eight numbers.
[[gnu::always_inline]] inline void transform_input(const __m512 (&x)[8], __m512 (&y)[8]) {
  // (x^2 - 1) (x^2 - 4) (x^2 - 1/4) = x^6 - 21/4 x^4 + 21/4 x^2 - 1
  y[0] = _mm512_sub_ps(plus(5.25F, _mm512_sub_ps(x[2], x[4]), x[6]), x[0]);
  evaluate_pair(x, kSizes[0], kSizes[1], kSizes[2], y[1], y[2]);
  evaluate_pair(x, kSizes[1], kSizes[0], kSizes[2], y[3], y[4]);
  evaluate_pair(x, kSizes[2], kSizes[0], kSizes[1], y[5], y[6]);
  y[7] = _mm512_sub_ps(plus(5.25F, _mm512_sub_ps(x[3], x[5]), x[7]), x[1]);
}

/// A' of eight numbers: result k is the sum of point^k times a number, the last also that at infinity.
template <int Results>
[[gnu::always_inline]] inline void transform_output(const __m512 (&x)[8], __m512 (&y)[Results]) {
  const __m512 sums[] = {_mm512_add_ps(x[1], x[2]), _mm512_add_ps(x[3], x[4]), _mm512_add_ps(x[5], x[6])};
  const __m512 differences[] = {_mm512_sub_ps(x[1], x[2]), _mm512_sub_ps(x[3], x[4]),
                                _mm512_sub_ps(x[5], x[6])};
  float two = 1, half = 1;
#pragma GCC unroll 8
  for (int k = 0; k < Results; ++k) {
    const auto& parts = k % 2 == 0 ? sums : differences;
    y[k] = plus(two, parts[1], plus(half, parts[2], parts[0]));
    two *= kSizes[1];
    half *= kSizes[2];
  }
  y[0] = _mm512_add_ps(y[0], x[0]);
  y[Results - 1] = _mm512_add_ps(y[Results - 1], x[7]);
}

int64_t tile_columns(const Problem& problem) {
  return (problem.out_width + results_of(problem.kernel) - 1) / results_of(problem.kernel);
}

struct Place {
  int64_t y, x;  ///< of a tile's first result
};

Place place_of(const Problem& problem, int64_t tile) {
  const int64_t columns = tile_columns(problem), results = results_of(problem.kernel);
  return {tile / columns * results, tile % columns * results};
}

/// A block of channels of one tile to its 64 frequencies, `spacing` apart.
template <typename T>
void take_tile(const Problem& problem, Place place, const T* src, float* to, int64_t spacing) {
  const int64_t top = place.y - problem.before_rows, left = place.x - problem.before_columns;
  const bool is_inside =
      top >= 0 && left >= 0 && top + kPoints <= problem.in_height && left + kPoints <= problem.in_width;
  const int64_t results = results_of(problem.kernel);
  __m512 half[kPoints][kPoints];  // [column][row]
  for (int64_t i = 0; i < kPoints; ++i) {
    __m512 row[kPoints], turned[kPoints];
    const T* from = src + ((top + i) * problem.in_width + left) * kLanes;
    prefetch(from + (kPoints + results) * kLanes, results);  // what is new in the next tile but one
    if (is_inside) {
#pragma GCC unroll 8
      for (int64_t j = 0; j < kPoints; ++j) row[j] = load(from + j * kLanes);
    } else {
      const bool is_row = top + i >= 0 && top + i < problem.in_height;
#pragma GCC unroll 8
      for (int64_t j = 0; j < kPoints; ++j) {
        const bool is_there = is_row && left + j >= 0 && left + j < problem.in_width;
        row[j] = is_there ? load(from + j * kLanes) : _mm512_setzero_ps();
      }
    }
    transform_input(row, turned);
#pragma GCC unroll 8
    for (int64_t j = 0; j < kPoints; ++j) half[j][i] = turned[j];
  }
  for (int64_t j = 0; j < kPoints; ++j) {
    __m512 column[kPoints];
    transform_input(half[j], column);
#pragma GCC unroll 8
    for (int64_t i = 0; i < kPoints; ++i) _mm512_store_ps(to + (i * kPoints + j) * spacing, column[i]);
  }
}

/// A block of channels of one tile from its 64 frequencies.
template <int Results, typename T>
void give_tile(const Problem& problem, const Finish& finish, int64_t block, Place place, const float* from,
               int64_t spacing, T* dst, const T* open) {
  __m512 half[Results][kPoints];  // [row][column]
  for (int64_t j = 0; j < kPoints; ++j) {
    __m512 column[kPoints], turned[Results];
#pragma GCC unroll 8
    for (int64_t i = 0; i < kPoints; ++i) column[i] = _mm512_load_ps(from + (i * kPoints + j) * spacing);
    transform_output<Results>(column, turned);
#pragma GCC unroll 8
    for (int64_t i = 0; i < Results; ++i) half[i][j] = turned[i];
  }
  const __m512 bias = finish.bias == nullptr ? _mm512_setzero_ps() : load(finish.bias + block * kLanes);
  const __m512 low = _mm512_set1_ps(finish.low), high = _mm512_set1_ps(finish.high);
  const int64_t height = smaller(Results, problem.out_height - place.y);
  const int64_t width = smaller(Results, problem.out_width - place.x);
  for (int64_t i = 0; i < height; ++i) {
    __m512 row[Results];
    transform_output<Results>(half[i], row);
    const int64_t offset = ((place.y + i) * problem.out_width + place.x) * kLanes;
    T* to = dst + offset;
#pragma GCC unroll 8
    for (int64_t j = 0; j < Results; ++j) {
      if (j >= width) break;
      __m512 value = _mm512_add_ps(row[j], bias);
      if (finish.accumulate) value = _mm512_add_ps(value, load(to + j * kLanes));
      value = _mm512_min_ps(high, _mm512_max_ps(low, value));  // the second operand where one is NaN
      if (finish.slope != 1) value = leaking(value, finish.slope);
      if (open != nullptr) value = masked(value, open + offset + j * kLanes, finish.closed_slope);
      store(to + j * kLanes, value);
    }
  }
}

/// y[tile][16 * Blocks] = sum over the channels of x[tile][channel] * weights[channel][16 * Blocks], for `Tiles` tiles.
template <int64_t Tiles, int64_t Blocks>
void multiply(const float* x, int64_t channels, const float* weights, float* y) {
  __m512 sums[Tiles][Blocks];
#pragma GCC unroll 24
  for (int64_t t = 0; t < Tiles; ++t) {
#pragma GCC unroll 4
    for (int64_t b = 0; b < Blocks; ++b) sums[t][b] = _mm512_setzero_ps();
  }
  for (int64_t c = 0; c < channels; ++c) {
    __m512 w[Blocks];
#pragma GCC unroll 4
    for (int64_t b = 0; b < Blocks; ++b) w[b] = _mm512_load_ps(weights + (c * Blocks + b) * kLanes);
#pragma GCC unroll 24
    for (int64_t t = 0; t < Tiles; ++t) {
      const __m512 number = _mm512_set1_ps(x[t * channels + c]);
#pragma GCC unroll 4
      for (int64_t b = 0; b < Blocks; ++b) sums[t][b] = _mm512_fmadd_ps(number, w[b], sums[t][b]);
    }
  }
#pragma GCC unroll 24
  for (int64_t t = 0; t < Tiles; ++t) {
#pragma GCC unroll 4
    for (int64_t b = 0; b < Blocks; ++b) _mm512_store_ps(y + (t * Blocks + b) * kLanes, sums[t][b]);
  }
}

/// For up to kTilesAtOnce tiles, as many at once as there are registers for.
void multiply_blocks(int64_t blocks, const float* x, int64_t tiles, int64_t channels, const float* weights,
                     float* y) {
  if (blocks == 2) return multiply<kTilesAtOnce, 2>(x, channels, weights, y);
  if (blocks == 1) return multiply<kTilesAtOnce, 1>(x, channels, weights, y);
  constexpr int64_t kHalf = kTilesAtOnce / 2;
  multiply<kHalf, 3>(x, channels, weights, y);
  if (tiles > kHalf) multiply<kHalf, 3>(x + kHalf * channels, channels, weights, y + kHalf * 3 * kLanes);
}

/// How many of `left` blocks of results are computed next: two, but no single one is left over.
int64_t next_blocks(int64_t left) {
  return left == 3 ? 3 : smaller(left, 2);
}

template <int Results, typename T>
void compute_tiles(const Problem& problem, const Finish& finish, int64_t first, int64_t count, const T* src,
                   const float* weights, T* dst, float* scratch) {
  const int64_t channels = problem.in_blocks * kLanes, in_spacing = input_spacing(problem);
  const int64_t in_plane = problem.in_height * problem.in_width * kLanes;
  const int64_t out_plane = problem.out_height * problem.out_width * kLanes;
  const T* const open = static_cast<const T*>(finish.open);
  float* const products = scratch + kFrequencies * in_spacing;
  // Tile by tile within a block of channels: neighbours lie side by side in memory.
  for (int64_t block = 0; block < problem.in_blocks; ++block) {
    for (int64_t t = 0; t < count; ++t)
      take_tile(problem, place_of(problem, first + t), src + block * in_plane,
                scratch + t * channels + block * kLanes, in_spacing);
  }
  for (int64_t begin = 0; begin < problem.out_blocks;) {
    const int64_t blocks = next_blocks(problem.out_blocks - begin);
    const int64_t out_spacing = spaced(kTilesAtOnce * blocks * kLanes);
    const float* const group = weights + weight_numbers(problem.in_blocks, begin);
    for (int64_t f = 0; f < kFrequencies; ++f)
      multiply_blocks(blocks, scratch + f * in_spacing, count, channels,
                      group + f * channels * blocks * kLanes, products + f * out_spacing);
    for (int64_t b = 0; b < blocks; ++b) {
      for (int64_t t = 0; t < count; ++t)
        give_tile<Results>(problem, finish, begin + b, place_of(problem, first + t),
                           products + (t * blocks + b) * kLanes, out_spacing, dst + (begin + b) * out_plane,
                           open == nullptr ? nullptr : open + (begin + b) * out_plane);
    }
    begin += blocks;
  }
}

/// G, row by row: what the weights w of one axis are at a point p, divided by the product of p's distances from the
/// other finite points; the last of them at infinity.
void points_of_weights(int64_t kernel, double (&g)[kPoints][kPoints]) {
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

}  // namespace

int64_t tile_count(const Problem& problem) {
  const int64_t rows = (problem.out_height + results_of(problem.kernel) - 1) / results_of(problem.kernel);
  return rows * tile_columns(problem);
}

int64_t scratch_numbers(const Problem& problem) {
  return kFrequencies * (input_spacing(problem) + spaced(kTilesAtOnce * kMostBlocks * kLanes));
}

int64_t weight_numbers(int64_t in_blocks, int64_t out_blocks) {
  return kFrequencies * in_blocks * out_blocks * kLanes * kLanes;
}

void transform_weights(const float* weights, int64_t kernel, int64_t out_channels, int64_t in_channels,
                       float* transformed) {
  const int64_t in_blocks = (in_channels + kLanes - 1) / kLanes,
                out_blocks = (out_channels + kLanes - 1) / kLanes;
  const int64_t in_padded = in_blocks * kLanes;
  double g[kPoints][kPoints];
  points_of_weights(kernel, g);
  // [group of blocks of results][frequency][channel][channel of the group]
  for (int64_t begin = 0; begin < out_blocks;) {
    const int64_t blocks = next_blocks(out_blocks - begin);
    float* const group = transformed + weight_numbers(in_blocks, begin);
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t first = (begin + block) * kLanes, lanes = smaller(kLanes, out_channels - first);
      for (int64_t in = 0; in < in_padded; ++in) {
        const bool is_there = in < in_channels;
        double half[kPoints][kPoints][kLanes] = {};  // [row of w][point of the columns]
        for (int64_t a = 0; is_there && a < kernel; ++a) {
          for (int64_t b = 0; b < kernel; ++b) {
            double w[kLanes] = {};
            for (int64_t lane = 0; lane < lanes; ++lane)
              w[lane] = weights[(((first + lane) * in_channels + in) * kernel + a) * kernel + b];
            for (int64_t j = 0; j < kPoints; ++j)
              for (int64_t lane = 0; lane < kLanes; ++lane) half[a][j][lane] += w[lane] * g[j][b];
          }
        }
        for (int64_t i = 0; i < kPoints; ++i) {
          for (int64_t j = 0; j < kPoints; ++j) {
            double sum[kLanes] = {};
            for (int64_t a = 0; a < kernel; ++a)
              for (int64_t lane = 0; lane < kLanes; ++lane) sum[lane] += g[i][a] * half[a][j][lane];
            float* const to = group + (((i * kPoints + j) * in_padded + in) * blocks + block) * kLanes;
            for (int64_t lane = 0; lane < kLanes; ++lane) to[lane] = static_cast<float>(sum[lane]);
          }
        }
      }
    }
    begin += blocks;
  }
}

template <typename T>
void compute(const Problem& problem, const Finish& finish, int64_t first, int64_t count, const T* src,
             const float* weights, T* dst, float* scratch) {
  if (problem.kernel == 3)
    compute_tiles<results_of(3)>(problem, finish, first, count, src, weights, dst, scratch);
  else
    compute_tiles<results_of(5)>(problem, finish, first, count, src, weights, dst, scratch);
}

#define DREAMREEL_WINOGRAD(T)                                                                           \
  template void compute<T>(const Problem&, const Finish&, int64_t, int64_t, const T*, const float*, T*, \
                           float*);

DREAMREEL_WINOGRAD(float)
DREAMREEL_WINOGRAD(Bf16)

}  // namespace dreamreel::network::winograd
