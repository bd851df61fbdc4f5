// Convolutions of 3x3 and 5x5 with fewer multiplications than a direct one (winograd_tiles.h), on ATen's
// threads.
//
// In float32 they are two to three times as fast as oneDNN's direct ones. In bfloat16 they are up to 1.5
// times as fast, although they multiply in float32. They are also more exact, because sums are not rounded on
// the way.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

#include "fused_convolution.h"

namespace dreamreel::network {

/// A convolution of stride 1 that starts with zeros before the map.
struct WinogradShape {
  std::int64_t kernel = 3;  ///< 3 or 5, both ways
  Map in, out;
  std::int64_t before_rows = 0, before_columns = 0;
};

/// Whether Winograd's method can compute this convolution, and does it faster than oneDNN. A convolution
/// needs enough channels for this. The answer is the same for any height and width, so that a window of a
/// picture is computed as the whole picture is.
bool suits_winograd(const ConvolutionShape& shape);
/// The part of the decision that depends on the channels and the type.
bool suits_winograd(std::int64_t in_channels, std::int64_t out_channels, at::ScalarType type);
/// Bytes of the weights of such a convolution, in one direction.
std::int64_t winograd_weight_bytes(std::int64_t in_channels, std::int64_t out_channels);

/// How a result depends on others computed with it, in its last bits, along either axis.
struct WinogradTile {
  std::int64_t spread = 0;  ///< positions beyond the window, on either side
  std::int64_t size = 1;    ///< maps that are moved by multiples of it are rounded alike
};
/// nullopt if no convolution with such windows is computed by Winograd's method.
std::optional<WinogradTile> winograd_tile(const AxisWindows& rows, const AxisWindows& columns);

/// Weights in the order in which the loops read them. Convolutions of all sizes share them.
class WinogradWeights {
 public:
  /// `weight` is (O,I,kernel,kernel), float32, contiguous.
  explicit WinogradWeights(const at::Tensor& weight);
  const float* data() const { return numbers_.data_ptr<float>(); }
  std::int64_t bytes() const { return numbers_.numel() * 4; }

 private:
  at::Tensor numbers_;
};

/// `bias` has one float32 number for each channel, padded to whole blocks, or is undefined. With
/// `accumulate`, results are added to the numbers already there, and there may be no epilogue.
std::unique_ptr<Convolution> make_winograd(const WinogradShape& shape,
                                           std::shared_ptr<const WinogradWeights> weights, at::Tensor bias,
                                           const Epilogue& epilogue, bool accumulate);

}  // namespace dreamreel::network
