// Convolutions by oneDNN or by Winograd's way, each made ready for one size: bias and activation in the same
// pass, weights reordered once into what the processor likes best, the gradient to the input as a convolution
// with turned weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "fused_maps.h"
#include "graph.h"

namespace dreamreel::network {

/// Whether this processor runs fused networks of `type`: float32 wherever there are kernels (kernels.h), bfloat16 with
/// AVX512-BF16.
bool supports_fused(at::ScalarType type);

/// The format in which oneDNN is fastest here for maps of `type`.
Format best_format(at::ScalarType type);

/// What is done to a result as it is stored: an activation function whose gradient follows from its result.
struct Epilogue {
  enum class Kind { none, relu, clip, leaky_relu, hard_sigmoid } kind = Kind::none;
  float low = 0, high = 0;     ///< of clip
  float slope = 0, shift = 0;  ///< of leaky_relu and hard_sigmoid
};

/// An activation that a gradient passes.
struct Mask {
  const void* result = nullptr;  ///< of the activation: a map like the gradient; nullptr: there is none
  Epilogue activation;
};
struct GradientMasks {
  Mask from;  ///< what the gradient that is read passes first
  Mask to;    ///< what the gradient that is written has to pass, with all that it is added to
};

struct ConvolutionShape {
  Map in, out;
  AxisWindows rows, columns;
  std::int64_t groups = 1;
};

/// In the network's type. (O,I/groups,kh,kw) and (O); bias may be undefined.
struct ConvolutionWeights {
  ValueId id = kNoValue, bias_id = kNoValue;
  at::Tensor weight, bias;
};

/// One direction of a convolution at one size. May be run from one thread at a time.
class Convolution {
 public:
  virtual ~Convolution() = default;
  /// `scratch`: scratch_bytes() of memory that nobody else uses meanwhile. `masks`: only such as it can pass.
  virtual void run(const void* src, void* dst, void* scratch, const GradientMasks& masks) = 0;
  void run(const void* src, void* dst, void* scratch) { run(src, dst, scratch, {}); }
  /// Of GradientMasks::to. What a gradient can pass as `from`: passes_in_depthwise() of depthwise.h.
  virtual bool can_mask(Epilogue::Kind) const { return false; }
  virtual std::int64_t scratch_bytes() const = 0;
};

/// The gradient to a picture of a few channels would leave most of each vector empty. So a convolution of
/// stride (sy,sx) gives the gradient to sy x sx neighbouring pixels at once, as the channels of a smaller
/// map: channel (a * sx + b) * C + c at (i, j) belongs to channel c of pixel (i * sy + a, j * sx + b).
struct PictureGradient {
  std::unique_ptr<Convolution> convolution;
  Map phases;
};

class ConvolutionFactory {
 public:
  /// `multiply_less`: by Winograd's way what suits it (winograd.h), else all by oneDNN.
  ConvolutionFactory(at::ScalarType type, bool multiply_less);
  ~ConvolutionFactory();

  /// nullptr where there is no fast kernel; so below.
  std::unique_ptr<Convolution> forward(const ConvolutionShape& shape, const ConvolutionWeights& weights,
                                       const Epilogue& epilogue);
  /// From the gradient to `shape.out`, in the format of that, the gradient to `shape.in`; `accumulate`: added
  /// to what is there.
  std::unique_ptr<Convolution> gradient(const ConvolutionShape& shape, const ConvolutionWeights& weights,
                                        bool accumulate);
  PictureGradient picture_gradient(const ConvolutionShape& shape, const ConvolutionWeights& weights);

  /// Bytes of the reordered weights made so far.
  std::int64_t weight_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::network
