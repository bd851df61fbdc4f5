// An ONNX network, cut at the deepest wanted layer, that gives the activations of its layers with autograd
// behind them. Reading the file, cutting and folding happen once in load(); forward() and set_ablation() may
// be called from one thread at a time.
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

namespace dreamreel::network {

/// How the network wants its picture: from RGB x in [0,1], channel c gets (x_c * scale - mean_c) / std_c, in
/// `order`.
struct InputScaling {
  enum class Order { rgb, bgr };
  double scale = 1;                     ///< 255 for networks fed with 0..255
  std::array<double, 3> mean{0, 0, 0};  ///< in the order the network sees, after `scale`
  std::array<double, 3> std{1, 1, 1};
  Order order = Order::rgb;
};

enum class Precision { fp32, bf16, fp16, fp64 };  // fp64 for tests: finite differences need it
std::string_view name_of(Precision precision);

/// What computes a pass. All give the same numbers up to rounding.
enum class Executor {
  /// On a CPU our own: whole chains of operators at once, forward and backward, in memory planned ahead. It
  /// needs AVX512-BF16 and runs fp32 and bf16. On a GPU, LibTorch's operators recorded as CUDA graphs, one
  /// for each size of picture and set of layers needed that comes often, and replayed; not while a channel is
  /// scaled by set_ablation(). It needs a build with DREAMREEL_CUDA. Elsewhere `autograd` takes its place.
  fused,
  /// As `fused`, but every convolution of oneDNN's direct kind. `fused` multiplies less in those of 3x3 and
  /// 5x5 (Winograd's minimal filtering, F(6x6, 3x3) and F(4x4, 5x5)), in float32 whatever the network's
  /// precision.
  direct,
  autograd,  ///< LibTorch's operators one by one, on any device: the reference
};
std::string_view name_of(Executor executor);

/// Of a picture, px.
struct PictureSize {
  std::int64_t height = 0, width = 0;
  bool operator==(const PictureSize&) const = default;
};

struct LoadOptions {
  std::filesystem::path path;  ///< the .onnx file; external data is looked for beside it
  InputScaling scaling;
  /// Wanted layers: node or tensor names; at least one. kClassesLayer is the layer before the softmax of a file
  /// that has none of that name.
  std::vector<std::string> layers;
  at::Device device = at::kCPU;
  Precision precision = Precision::fp32;  ///< of weights and activations
  std::vector<std::string> ablated{};     ///< layers that set_ablation() may cut into; each once
  Executor executor = Executor::fused;    ///< where it can run
  /// px: the network sees squares of this side alone; 0: what the layers run at, see Network::only_size().
  std::int64_t size = 0;
};

inline constexpr const char* kClassesLayer = "classes";

/// What positions of a layer see along one axis of the picture: position p the pixels [p * stride - before,
/// p * stride + after], both included, as far as they are there; what lies outside is padding.
struct AxisField {
  std::int64_t positions = 0, stride = 1, before = 0, after = 0;
  /// The layer's map moves along with a picture that is moved by multiples of this, px: a multiple of
  /// `stride`, and more behind a transposed convolution, whose positions differ in what they are made of.
  std::int64_t period = 1;
  /// Where several positions are computed at once, what they see together decides how each of them is
  /// rounded: px beyond its own field on either side, and px by multiples of which a picture may be moved so
  /// that it is rounded as before.
  std::int64_t spread = 0, alignment = 1;
  /// The middle of what a position sees, px from p * stride, and how far it sees from there.
  double centre() const { return static_cast<double>(after - before) / 2; }
  double radius() const { return static_cast<double>(after + before) / 2; }
};

/// The receptive field of a layer.
struct LayerField {
  AxisField y, x;
  std::int64_t channels = 0;
  /// Describes the first node on the way that looks at the whole picture, or at more than moves with the
  /// picture; "": there is none. If there is one, the axes mean nothing.
  std::string blocker;
};

/// One layer that can be asked for.
struct LayerInfo {
  std::string name;    ///< node name, or the output tensor's name where the node has none
  std::string tensor;  ///< name of the output tensor (also accepted as a layer name)
  std::string op;      ///< ONNX operator
  std::int64_t channels = 0;
  double scale = 1;  ///< input pixels per position of the layer (1, 2, 4, ...); 0 if not spatial
  /// The one size of picture that it runs at; nullopt: any that is large enough.
  std::optional<PictureSize> only_size{};
  bool usable =
      true;  ///< false if it, or anything before it, uses an unsupported operator or `needs` something
  std::string
      needs{};  ///< an input of the network beside the picture that it depends on; "" if there is none
  /// Further names: a call of a function in the file, which stands for the function's result.
  std::vector<std::string> aliases{};
  /// All that takes its output is one batch norm or activation function: the layer behind shows much the
  /// same.
  bool leads_to_activation = false;
};

/// A layer whose channels can be scaled while the network runs.
struct AblatableLayer {
  std::string name;
  std::int64_t channels = 0;  ///< 0: no wanted layer follows from it, so that nothing done to it would show
};

class Network {
 public:
  /// Throws InputError (66) for a missing or corrupt file, UnavailableError (69) for an unsupported op that a
  /// wanted layer needs (names op, node and the deepest usable layers), an opset older than 7, a device that
  /// is not there or fp16 on the CPU, JobError (78) for a layer name that does not exist (with the closest
  /// names), or a LoadOptions::size that the layers do not run at (with one that they do).
  static Network load(const LoadOptions& options);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  /// `picture`: float32 (or float64 at Precision::fp64) (N,3,H,W) RGB [0,1] on device(); may require grad.
  /// Returns the wanted layers' activations in the order of LoadOptions::layers, in the network's precision,
  /// (N,C,h,w); layers without positions, like those of a classifier's head, are (N,C,1,1). A transformer's
  /// tokens are the grid that they were cut from, without class tokens. Memory is
  /// channels-last, and so is that of the gradient to `picture`. Throws RenderError naming the node that
  /// cannot run on a picture of this size, or ran out of memory.
  ///
  /// `needed`, one for each wanted layer, says which of them this pass is for; empty: all. The others come
  /// back undefined, and nothing is computed for them alone, so a pass for shallow layers costs no more than
  /// in a network that was loaded for these.
  std::vector<at::Tensor> forward(const at::Tensor& picture, const std::vector<bool>& needed = {}) const;

  /// The layers of LoadOptions::ablated, in their order.
  const std::vector<AblatableLayer>& ablatable() const;
  /// From now on forward() multiplies channel c of ablatable()[layer] by factors[c], before anything looks at
  /// it: a lesion in the sense of Klingemann's "neural lobotomy". A channel times 0 is exactly 0. Without
  /// factors, or where all of them are 1, the pass is the very same as without lesions. Takes effect at the
  /// next forward(). Throws std::invalid_argument unless there is one factor a channel or none.
  void set_ablation(std::size_t layer, const std::vector<float>& factors);

  /// The wanted layers' fields on a picture of this size.
  std::vector<LayerField> receptive_fields(std::int64_t height, std::int64_t width) const;
  /// Bytes that a forward pass for the `needed` layers (as for forward()) and the backward pass after it take
  /// at their peak, activations and gradients included, weights not. The fused executor plans its memory, so
  /// that it is exact for the pass itself; for autograd, whose maps all live until the backward pass, it is
  /// an estimate: their sum and what the largest nodes need besides.
  std::int64_t pass_bytes(std::int64_t height, std::int64_t width,
                          const std::vector<bool>& needed = {}) const;

  /// The one size of picture that forward() takes: LoadOptions::size, or that of layers that run at one size alone
  /// (vision transformers, some heads): the file's own where it declares one, else one that networks are usually made for.
  /// nullopt: any size from min_input_side() on.
  const std::optional<PictureSize>& only_size() const;
  /// Smallest square side that every wanted layer accepts (its activation stays at least 1x1); with
  /// only_size() that one's shorter side.
  std::int64_t min_input_side() const;
  /// Weights held in memory, bytes. Grows with the first passes of the fused executor, which keeps a copy of
  /// them in the processor's own order.
  std::int64_t weight_bytes() const;
  /// Of these, what the network itself is made of: the same before and after passes.
  std::int64_t constant_bytes() const;
  /// What weight_bytes() is after passes with gradients through all of it, known ahead.
  std::int64_t most_weight_bytes() const;
  at::Device device() const;
  Precision precision() const;
  Executor executor() const;  ///< the one at work
  const std::vector<std::string>& layers() const;

 private:
  struct Impl;
  explicit Network(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Every layer of a file, in the order of the graph: the nodes whose numbers follow from the picture's.
/// Computes no activation, so it is quick and small for any network. Throws InputError, and UnavailableError
/// for an opset older than 7.
std::vector<LayerInfo> list_layers(const std::filesystem::path& path);

/// Whether the device multiplies bf16 natively: every GPU; a CPU with AVX512-BF16 or AMX, as far as oneDNN
/// may use them ($ONEDNN_MAX_CPU_ISA).
bool has_bf16(const at::Device& device);

/// bf16 where this CPU multiplies it natively (AVX512-BF16 or AMX), else fp32; fp16 on CUDA.
Precision best_precision(const at::Device& device);

}  // namespace dreamreel::network
