// Convolutions by oneDNN or by Winograd's method, each prepared for one size. Bias and activation are applied
// in the same pass. Weights are reordered once, into the order that the processor reads fastest. The gradient
// to the input is a convolution with turned weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "fused_maps.h"
#include "graph.h"

namespace dreamreel::network {

/// Whether this processor runs fused networks of `type`. float32 runs wherever there are kernels (kernels.h);
/// bfloat16 needs AVX512-BF16.
bool supports_fused(at::ScalarType type);

/// The format in which oneDNN is fastest on this processor, for maps of `type`.
Format best_format(at::ScalarType type);

/// An activation function that is applied to a result as it is stored. Its gradient follows from its result.
struct Epilogue {
  enum class Kind { none, relu, clip, leaky_relu, hard_sigmoid } kind = Kind::none;
  float low = 0, high = 0;     ///< of clip
  float slope = 0, shift = 0;  ///< of leaky_relu and hard_sigmoid
};

/// An activation that a gradient has to pass.
struct Mask {
  const void* result = nullptr;  ///< of the activation: a map like the gradient; nullptr: no activation
  Epilogue activation;
};
struct GradientMasks {
  Mask from;  ///< applied to the gradient that is read, first
  Mask to;    ///< applied to the gradient that is written, with everything that it is added to
};

struct ConvolutionShape {
  Map in, out;
  AxisWindows rows, columns;
  std::int64_t groups = 1;
};

/// Weights in the network's type: (O,I/groups,kh,kw), and bias (O), which may be undefined.
struct ConvolutionWeights {
  ValueId id = kNoValue, bias_id = kNoValue;
  at::Tensor weight, bias;
};

/// One direction of a convolution at one size. Only one thread at a time may run it.
class Convolution {
 public:
  virtual ~Convolution() = default;
  /// `scratch` is scratch_bytes() of memory that no one else uses meanwhile. `masks` may contain only
  /// activations that the convolution can pass.
  virtual void run(const void* src, void* dst, void* scratch, const GradientMasks& masks) = 0;
  void run(const void* src, void* dst, void* scratch) { run(src, dst, scratch, {}); }
  /// Whether GradientMasks::to may hold this kind. For GradientMasks::from, see passes_in_depthwise() in
  /// depthwise.h.
  virtual bool can_mask(Epilogue::Kind) const { return false; }
  virtual std::int64_t scratch_bytes() const = 0;
};

/// The gradient to a picture has only a few channels, so most of each vector would be empty. So a convolution
/// with stride (sy,sx) gives the gradient to sy x sx neighbouring pixels at once, as channels of a smaller
/// map. Channel (a * sx + b) * C + c at (i, j) belongs to channel c of pixel (i * sy + a, j * sx + b).
struct PictureGradient {
  std::unique_ptr<Convolution> convolution;
  Map phases;
};

class ConvolutionFactory {
 public:
  /// `multiply_less`: use Winograd's method for convolutions that suit it (winograd.h). Otherwise oneDNN
  /// computes them, too.
  ConvolutionFactory(at::ScalarType type, bool multiply_less);
  ~ConvolutionFactory();

  /// The convolution with bias and activation. All three functions give nullptr if there is no fast kernel.
  std::unique_ptr<Convolution> forward(const ConvolutionShape& shape, const ConvolutionWeights& weights,
                                       const Epilogue& epilogue);
  /// From the gradient to `shape.out`, in the format of `shape.out`, computes the gradient to `shape.in`.
  /// With `accumulate`, adds to the numbers already there.
  std::unique_ptr<Convolution> gradient(const ConvolutionShape& shape, const ConvolutionWeights& weights,
                                        bool accumulate);
  PictureGradient picture_gradient(const ConvolutionShape& shape, const ConvolutionWeights& weights);

  /// Bytes of all weights that have been reordered.
  std::int64_t weight_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::network
