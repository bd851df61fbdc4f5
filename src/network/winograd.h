// Convolutions of 3x3 and 5x5 that multiply less than a direct one (winograd_tiles.h), on ATen's threads.
//
// In float32 they are two to three times as fast as oneDNN's direct ones. In bfloat16 they are up to half as fast again
// although they multiply in float32, and nearer to the exact result: sums are not rounded on the way.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

#include "fused_convolution.h"

namespace dreamreel::network {

/// A convolution of stride 1 with as many zeros before the map.
struct WinogradShape {
  std::int64_t kernel = 3;  ///< 3 or 5, both ways
  Map in, out;
  std::int64_t before_rows = 0, before_columns = 0;
};

/// Whether this is a convolution of that kind, and of enough channels to be faster so than oneDNN's. Says the same for
/// any height and width, so that a window of a picture is computed as the picture is.
bool suits_winograd(const ConvolutionShape& shape);
/// As far as the channels go.
bool suits_winograd(std::int64_t in_channels, std::int64_t out_channels, at::ScalarType type);
/// Of the weights of a convolution that is computed so, in one direction.
std::int64_t winograd_weight_bytes(std::int64_t in_channels, std::int64_t out_channels);

/// How results reach into the last bits of others computed with them, along either axis.
struct WinogradTile {
  std::int64_t spread = 0;  ///< positions beside the window
  std::int64_t size = 1;    ///< maps whose places differ by multiples of it are rounded alike
};
/// nullopt if no convolution with such windows is computed so.
std::optional<WinogradTile> winograd_tile(const AxisWindows& rows, const AxisWindows& columns);

/// Weights in the order in which they are read; shared by convolutions of all sizes.
class WinogradWeights {
 public:
  /// `weight`: (O,I,kernel,kernel), float32, contiguous.
  explicit WinogradWeights(const at::Tensor& weight);
  const float* data() const { return numbers_.data_ptr<float>(); }
  std::int64_t bytes() const { return numbers_.numel() * 4; }

 private:
  at::Tensor numbers_;
};

/// `bias`: one number a channel in whole blocks, float32, or undefined. `accumulate`: results are added to what is
/// there, without an epilogue.
std::unique_ptr<Convolution> make_winograd(const WinogradShape& shape,
                                           std::shared_ptr<const WinogradWeights> weights, at::Tensor bias,
                                           const Epilogue& epilogue, bool accumulate);

}  // namespace dreamreel::network
