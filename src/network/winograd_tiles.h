// The innermost loops of convolutions by Winograd's way (S. Winograd: Arithmetic Complexity of Computations,
// 1980; A. Lavin, S. Gray: Fast Algorithms for Convolutional Neural Networks, 2015, section 4). Tiles of 8x8 numbers of
// the map give 6x6 results of a 3x3 convolution, or 4x4 of a 5x5 one, with 64 multiplications a pair of channels in place of
// 324 or 400: the map and the weights are evaluated at 8 points along each axis (0, 1, -1, 2, -2, 1/2, -1/2 and infinity),
// multiplied there, and the results interpolated. Compiled for each kind of processor, as fused_rows.h.
//
// Maps are blocked ([channels / block][H][W][block], channels past the last 0), T is float or Bf16, the bits of a bfloat16.
// All arithmetic is float32, rounded once when stored.
#pragma once

#include <cstdint>

#include "fused_rows.h"

namespace dreamreel::network::winograd {

using rows::Bf16;

inline constexpr int64_t kPoints = 8;  ///< rows and columns of the map in a tile
inline constexpr int64_t kFrequencies = kPoints * kPoints;
inline constexpr int64_t kTilesAtOnce =
    12;  ///< few enough that what they are evaluated to stays in a core's own cache

/// Rows and columns of results in a tile.
constexpr int64_t results_of(int64_t kernel) {
  return kPoints - kernel + 1;
}

/// Of one convolution; sizes in numbers, channels in blocks (block_channels()).
struct Problem {
  int64_t kernel = 3;  ///< or 5
  int64_t in_blocks = 0, in_height = 0, in_width = 0;
  int64_t out_blocks = 0, out_height = 0, out_width = 0;
  int64_t before_rows = 0, before_columns = 0;  ///< zeros above and to the left
};

/// Tiles side by side, and of the whole map.
inline int64_t tile_columns(const Problem& problem) {
  return (problem.out_width + results_of(problem.kernel) - 1) / results_of(problem.kernel);
}
int64_t tile_count(const Problem& problem);

/// What is done to a result as it is stored.
struct Finish {
  const float* bias = nullptr;  ///< one number a channel, in whole blocks, or nullptr
  float low = -__builtin_inff(), high = __builtin_inff();
  float slope = 1;             ///< what numbers below 0 are multiplied by
  bool accumulate = false;     ///< added to what is there
  const void* open = nullptr;  ///< a map like the results', of their type, or nullptr
  float closed_slope = 0;      ///< what results are multiplied by where `open` is 0 or less
};

/// Numbers of `scratch` for compute().
int64_t scratch_numbers(const Problem& problem);

/// Numbers of weights as compute() wants them.
int64_t weight_numbers(int64_t in_blocks, int64_t out_blocks);

/// From weights (O,I,kernel,kernel), contiguous, to those, in the order in which they are read.
void transform_weights(const float* weights, int64_t kernel, int64_t out_channels, int64_t in_channels,
                       float* transformed);

/// Tiles [first, first + count), counted along rows, at most kTilesAtOnce. `scratch` is aligned to 64 bytes, and so is
/// `weights`. A tile's results do not depend on which others are computed with it.
template <typename T>
void compute(const Problem& problem, const Finish& finish, int64_t first, int64_t count, const T* src,
             const float* weights, T* dst, float* scratch);

}  // namespace dreamreel::network::winograd
