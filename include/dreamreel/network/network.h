// An ONNX network, truncated behind the deepest wanted layer. It returns the activations of its wanted
// layers, through which autograd can compute gradients. load() reads, truncates and simplifies the network
// once. Only one thread at a time may call forward() and set_ablation().
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/core/choices.h"

namespace dreamreel::network {

/// How a picture is scaled before the network sees it. The channels of RGB x in [0,1] are put into `order`.
/// Then channel c becomes (x_c * scale - mean_c) / std_c.
struct InputScaling {
  enum class Order { rgb, bgr };
  double scale = 1;                     ///< 255 for networks that were trained on 0..255
  std::array<double, 3> mean{0, 0, 0};  ///< in the network's order of channels, after `scale`
  std::array<double, 3> std{1, 1, 1};
  Order order = Order::rgb;
};

enum class Precision { fp32, bf16, fp16, fp64 };  // fp64 is for tests: finite differences need it
std::string_view name_of(Precision precision);

using dreamreel::Executor;
std::string_view name_of(Executor executor);

/// The size of a picture, px.
struct PictureSize {
  std::int64_t height = 0, width = 0;
  bool operator==(const PictureSize&) const = default;
};

struct LoadOptions {
  std::filesystem::path path;  ///< the .onnx file; its external data is searched for beside it
  InputScaling scaling;
  /// Wanted layers, at least one: names of nodes or tensors. kClassesLayer stands for the layer before the
  /// softmax, unless the file has a layer of that name.
  std::vector<std::string> layers;
  at::Device device = at::kCPU;
  Precision precision = Precision::fp32;  ///< of weights and activations
  std::vector<std::string> ablated{};     ///< layers that set_ablation() may scale; each once
  Executor executor = Executor::fused;    ///< `autograd` is used where this one cannot run
  /// Side of the square pictures that the network runs at, px. 0: the layers decide; see
  /// Network::only_size().
  std::int64_t size = 0;
};

inline constexpr const char* kClassesLayer = "classes";

/// The pixels that the positions of a layer see along one axis of the picture. Position p sees the pixels [p
/// * stride - before, p * stride + after], both included. Pixels outside the picture are padding.
struct AxisField {
  std::int64_t positions = 0, stride = 1, before = 0, after = 0;
  /// If the picture moves by a multiple of this, px, the layer's map moves along. A multiple of `stride`. It
  /// is larger behind a transposed convolution, whose neighbouring positions are computed from different
  /// weights.
  std::int64_t period = 1;
  /// Rounding: if several positions are computed together, pixels outside a position's own field change its
  /// last bits. `spread` is how far beyond its field on either side such pixels lie, px. A picture that is
  /// moved by a multiple of `alignment`, px, is rounded as before.
  std::int64_t spread = 0, alignment = 1;
  /// The middle of the pixels that a position sees, px from p * stride, and half their extent.
  double centre() const { return static_cast<double>(after - before) / 2; }
  double radius() const { return static_cast<double>(after + before) / 2; }
};

/// The receptive field of a layer.
struct LayerField {
  AxisField y, x;
  std::int64_t channels = 0;
  /// Describes the first node before the layer that sees the whole picture, or more of it than moves along
  /// with the picture. The axes are valid only if this is "".
  std::string blocker;
};

/// A layer whose channels can be scaled while the network runs.
struct AblatableLayer {
  std::string name;
  std::int64_t channels = 0;  ///< 0: no wanted layer depends on it, so scaling it would have no effect
};

class Network {
 public:
  /// Throws
  ///   InputError (66) for a missing or corrupt file;
  ///   UnavailableError (69) for an unsupported operator that a wanted layer needs (the message names
  ///   operator, node and the deepest usable layers), for an opset older than 7, for a missing device, and
  ///   for fp16 on the CPU;
  ///   JobError (78) for a layer name that does not exist (with the closest names), and for a
  ///   LoadOptions::size that the layers do not run at (with a size that they do run at).
  static Network load(const LoadOptions& options);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  /// Computes the activations of the wanted layers, in the order of LoadOptions::layers.
  ///
  /// `picture`: RGB (N,3,H,W) in [0,1], on device(), float32 (float64 with Precision::fp64). It may require a
  /// gradient.
  ///
  /// The activations are (N,C,h,w) in the network's precision. A layer without positions, such as a
  /// classifier's head, gives (N,C,1,1). A transformer's tokens are arranged in the grid of patches that they
  /// were cut from, without class tokens. Activations and the gradient to `picture` are channels-last in
  /// memory. Throws RenderError, which names the node that cannot run on a picture of this size or that ran
  /// out of memory, and std::invalid_argument for arguments of other shapes or types.
  ///
  /// `needed` has one entry for each wanted layer; empty means all layers. A layer that is not needed comes
  /// back undefined, and nothing is computed for it alone. So a pass for shallow layers costs no more than in
  /// a network that was loaded for these layers only.
  std::vector<at::Tensor> forward(const at::Tensor& picture, const std::vector<bool>& needed = {}) const;

  /// The layers of LoadOptions::ablated, in the same order.
  const std::vector<AblatableLayer>& ablatable() const;
  /// From the next forward() on, channel c of ablatable()[layer] is multiplied by factors[c] before any other
  /// layer reads it: a lesion in the sense of Klingemann's "neural lobotomy". A channel times 0 is exactly 0.
  /// If `factors` is empty or all of them are 1, the pass is exactly as without lesions. Throws
  /// std::invalid_argument unless there is one factor for each channel, or none, and std::out_of_range for a
  /// `layer` that ablatable() does not have.
  void set_ablation(std::size_t layer, const std::vector<float>& factors);

  /// The receptive fields of the wanted layers on a picture of this size, px.
  std::vector<LayerField> receptive_fields(std::int64_t height, std::int64_t width) const;
  /// Bytes that one forward pass for the `needed` layers (as in forward()) and its backward pass take at
  /// their peak: activations and gradients, without weights. The fused executor plans its memory, so its
  /// number is exact for the pass itself. Autograd keeps all maps until the backward pass, so its number is
  /// an estimate: their sum, plus the extra memory of the largest nodes. Throws RenderError if a node asks
  /// for too much memory or time at this size.
  std::int64_t pass_bytes(std::int64_t height, std::int64_t width,
                          const std::vector<bool>& needed = {}) const;

  /// The only size of picture that forward() accepts; nullopt: any size from min_input_side() on.
  ///
  /// The size is LoadOptions::size if that is set. Otherwise some layers run at one size only, such as vision
  /// transformers and some heads. Then it is the size that the file declares, or else one of the sizes that
  /// networks are usually made for.
  const std::optional<PictureSize>& only_size() const;
  /// The side, px, of the smallest square picture that every wanted layer accepts, so that its activation has
  /// at least one position. If there is an only_size(), its shorter side.
  std::int64_t min_input_side() const;
  /// Bytes of weights held in memory. They grow with the first passes of the fused executor, which keeps a
  /// copy of the weights in the order that the processor reads fastest.
  std::int64_t weight_bytes() const;
  /// The part of weight_bytes() that the network itself takes. Passes do not change it.
  std::int64_t constant_bytes() const;
  /// The value of weight_bytes() after passes with gradients through the whole network, known ahead.
  std::int64_t most_weight_bytes() const;
  at::Device device() const;
  Precision precision() const;
  Executor executor() const;  ///< the executor in use; see LoadOptions::executor
  const std::vector<std::string>& layers() const;

 private:
  struct Impl;
  explicit Network(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Whether the device multiplies bf16 natively. Every GPU does. A CPU does with AVX512-BF16, unless
/// $ONEDNN_MAX_CPU_ISA keeps oneDNN from using it.
bool has_bf16(const at::Device& device);

/// The fastest precision: fp16 on CUDA; on a CPU bf16 where has_bf16(), else fp32.
Precision best_precision(const at::Device& device);

}  // namespace dreamreel::network
