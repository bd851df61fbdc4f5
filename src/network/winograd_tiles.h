// The innermost loops of convolutions by Winograd's method (S. Winograd: Arithmetic Complexity of
// Computations, 1980; A. Lavin, S. Gray: Fast Algorithms for Convolutional Neural Networks, 2015, section 4).
//
// A tile of 8x8 numbers of the map gives 6x6 results of a 3x3 convolution, or 4x4 results of a 5x5 one. For
// each pair of channels it takes 64 multiplications instead of 324 or 400. The map and the weights are
// evaluated at 8 points along each axis: 0, 1, -1, 2, -2, 1/2, -1/2 and infinity. These values are
// multiplied, and the results are interpolated from the products. The loops are compiled for each kind of
// processor, as in fused_rows.h.
//
// Maps are blocked: [channels / block][H][W][block], with zeros in the channels past the last. T is float or
// Bf16, which holds the bits of a bfloat16. All arithmetic is float32, rounded once when stored.
#pragma once

#include <cstdint>

#include "fused_rows.h"

namespace dreamreel::network::winograd {

using rows::Bf16;

inline constexpr int64_t kPoints = 8;  ///< rows and columns of the map in a tile
inline constexpr int64_t kFrequencies = kPoints * kPoints;
/// Few enough that the evaluated tiles stay in a core's own cache.
inline constexpr int64_t kTilesAtOnce = 12;

/// Rows, and columns, of results in a tile.
constexpr int64_t results_of(int64_t kernel) {
  return kPoints - kernel + 1;
}

/// The sizes of one convolution, in numbers; channels in blocks (block_channels()).
struct Problem {
  int64_t kernel = 3;  ///< 3 or 5
  int64_t in_blocks = 0, in_height = 0, in_width = 0;
  int64_t out_blocks = 0, out_height = 0, out_width = 0;
  int64_t before_rows = 0, before_columns = 0;  ///< zeros above and to the left
};

/// The number of tiles side by side; tile_count() has the number of all tiles of a map.
inline int64_t tile_columns(const Problem& problem) {
  return (problem.out_width + results_of(problem.kernel) - 1) / results_of(problem.kernel);
}
int64_t tile_count(const Problem& problem);

/// The operations on a result as it is stored.
struct Finish {
  const float* bias = nullptr;  ///< one number for each channel, in whole blocks, or nullptr
  float low = -__builtin_inff(), high = __builtin_inff();
  float slope = 1;             ///< factor for numbers below 0
  bool accumulate = false;     ///< adds to the numbers already there
  const void* open = nullptr;  ///< a map with the results' layout and type, or nullptr
  float closed_slope = 0;      ///< factor for results where `open` is 0 or less
};

/// How many numbers of `scratch` compute() needs.
int64_t scratch_numbers(const Problem& problem);

/// How many numbers of weights compute() reads.
int64_t weight_numbers(int64_t in_blocks, int64_t out_blocks);

/// Converts weights (O,I,kernel,kernel), contiguous, to the weights that compute() reads, in their order.
void transform_weights(const float* weights, int64_t kernel, int64_t out_channels, int64_t in_channels,
                       float* transformed);

/// Computes tiles [first, first + count), counted along rows, at most kTilesAtOnce. `scratch` and `weights`
/// are aligned to 64 bytes. A tile's results do not depend on the other tiles that are computed with it.
template <typename T>
void compute(const Problem& problem, const Finish& finish, int64_t first, int64_t count, const T* src,
             const float* weights, T* dst, float* scratch);

}  // namespace dreamreel::network::winograd
