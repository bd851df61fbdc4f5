#include "dreamreel/network/network.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "autograd_executor.h"
#include "channel_axes.h"
#include "cuda_recorder.h"
#include "dreamreel/core/error.h"
#include "fused_convolution.h"
#include "fused_executor.h"
#include "layers.h"
#include "onnx_reader.h"
#include "open_reshapes.h"
#include "pass_bytes.h"
#include "program.h"
#include "quantisers.h"
#include "receptive_field.h"
#include "recorded_executor.h"
#include "rewrites.h"
#include "run_sizes.h"
#include "shapes.h"

namespace dreamreel::network {

/// x * factor + offset equals the network's own (x * scale - mean) / std.
struct Affine {
  at::Tensor factor, offset;  ///< (1,3,1,1), in the pictures' type and on their device
  bool swaps_channels = false;
};

namespace {

at::ScalarType scalar_type_of(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return at::kFloat;
    case Precision::bf16:
      return at::kBFloat16;
    case Precision::fp16:
      return at::kHalf;
    case Precision::fp64:
      return at::kDouble;
  }
  throw std::logic_error("unknown precision");
}

void check_device(const at::Device& device, Precision precision) {
  if (device.is_cpu() && precision == Precision::fp16) {
    throw UnavailableError("precision fp16 needs a GPU; use bf16 or fp32 on the CPU");
  }
  try {
    at::empty({1}, at::TensorOptions(device));
  } catch (const c10::Error& error) {
    throw UnavailableError(fmt::format("device {} is not there; use 'cpu' or 'auto' ({})", device.str(),
                                       error.what_without_backtrace()));
  }
}

Affine prepare(const InputScaling& scaling, const at::TensorOptions& options) {
  std::array<double, 3> factor{}, offset{};
  for (std::size_t c = 0; c < 3; ++c) {
    factor[c] = scaling.scale / scaling.std[c];
    offset[c] = -scaling.mean[c] / scaling.std[c];
  }
  const auto place = [&](const std::array<double, 3>& values) {
    return at::tensor(at::ArrayRef<double>(values), at::kDouble).view({1, 3, 1, 1}).to(options);
  };
  return {place(factor), place(offset), scaling.order == InputScaling::Order::bgr};
}

}  // namespace

std::string_view name_of(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return "fp32";
    case Precision::bf16:
      return "bf16";
    case Precision::fp16:
      return "fp16";
    case Precision::fp64:
      return "fp64";
  }
  return "?";
}

std::string_view name_of(Executor executor) {
  switch (executor) {
    case Executor::fused:
      return "fused";
    case Executor::direct:
      return "direct";
    case Executor::autograd:
      return "autograd";
  }
  return "?";
}

namespace {

std::vector<ValueId> joined(std::vector<ValueId> values, const std::vector<ValueId>& more) {
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

/// `lesions` are the values that the names stand for. A layer that the truncated graph does not contain has
/// no channels.
std::vector<AblatableLayer> find_ablatable(const std::vector<std::string>& names,
                                           const std::vector<ValueId>& lesions, const Shapes& shapes,
                                           const std::vector<std::int64_t>& axes) {
  std::vector<AblatableLayer> layers;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto index = static_cast<std::size_t>(lesions[i]);
    const auto& sizes = shapes.sizes[index];
    const auto axis = static_cast<std::size_t>(axes[index]);
    layers.push_back(
        {names[i], sizes && sizes->size() > std::max<std::size_t>(axis, 1) ? (*sizes)[axis] : 0});
  }
  return layers;
}

/// Finds the sizes that the layers run at. If there is only one size, tries to open the graph's reshapes to
/// other sizes.
RunSizes settle_sizes(Graph& graph, const std::vector<ValueId>& wanted, std::int64_t asked) {
  const auto input = find_picture_input(graph);
  auto sizes = SizeSearch(graph, input, wanted).find();
  if (sizes.only && *sizes.only != PictureSize{asked, asked}) {
    auto open = with_open_reshapes(graph, input, *sizes.only);
    const auto opened = open ? SizeSearch(*open, input, wanted).find() : RunSizes{1, sizes.only};
    if (!opened.only) {
      graph = std::move(*open);
      sizes = opened;
    }
  }
  if (asked == 0) return sizes;
  if (SizeSearch again(graph, input, wanted); !again.fits(asked, asked)) {
    const auto text = sizes.only
                          ? fmt::format("they run at {}x{} alone", sizes.only->width, sizes.only->height)
                          : fmt::format("they run at any size from {} px on", sizes.min_side);
    throw JobError(
        fmt::format("network '{}': the wanted layers cannot run on pictures of {}x{} (network.size): {}",
                    graph.source, asked, asked, text));
  }
  return {asked, PictureSize{asked, asked}};
}

}  // namespace

struct Network::Impl {
  std::vector<at::Tensor> plainly(const at::Tensor& x, const std::vector<bool>& needed) const {
    return run(program, {x}, options.path.string(), needed);
  }

  LoadOptions options;
  std::vector<ValueId> lesions;  ///< the values of options.ablated
  std::vector<AblatableLayer> ablatable;
  Program program;
  std::unique_ptr<FusedExecutor> fused;        ///< if it is asked for and can run
  std::unique_ptr<RecordedExecutor> recorded;  ///< likewise; there is never both
  PictureInput input;
  std::optional<PictureSize> only;
  std::vector<std::int64_t> axes;  ///< channel dimensions of the wanted values
  std::unique_ptr<ReceptiveFields> fields;
  /// Results of pass_bytes() by size and needed layers, kept because a plan takes a while.
  std::map<std::pair<std::array<std::int64_t, 2>, std::vector<bool>>, std::int64_t> known_bytes;
  Affine affine;
  std::int64_t min_side = 1;
};

Network::Network(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

Network Network::load(const LoadOptions& options) {
  check_device(options.device, options.precision);
  auto graph = read_graph(options.path);
  if (options.layers.empty())
    throw JobError(fmt::format("network '{}': no layer to dream of is given", graph.source));
  const auto wanted = find_layers(graph, options.layers);
  const auto lesions = find_layers(graph, options.ablated);
  cut(graph, wanted);
  fold_constants(graph);
  pair_quantisers(graph);
  cut(graph, wanted);
  check_supported(graph, wanted);
  check_folded(graph);
  const auto sizes = settle_sizes(graph, wanted, options.size);
  if (sizes.only) {
    const auto picture = find_picture_input(graph).sizes(sizes.only->height, sizes.only->width);
    fold_shapes(graph, ShapeFinder(graph).find(picture));
    cut(graph, wanted);
  }
  fold_batch_norms(graph, joined(wanted, lesions));  // lesioned values have to stay
  pool_what_is_smaller(graph, joined(wanted, lesions));
  reuse_relu_inputs(graph, wanted);

  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->input = find_picture_input(graph);
  impl->min_side = sizes.min_side;
  impl->only = sizes.only;
  impl->fields = std::make_unique<ReceptiveFields>(graph, wanted);
  const auto [height, width] = sizes.only.value_or(PictureSize{sizes.min_side, sizes.min_side});
  const auto shapes = impl->fields->shapes().find(impl->input.sizes(height, width));
  const auto axes = find_channel_axes(graph, shapes);
  for (const auto value : wanted) impl->axes.push_back(axes[static_cast<std::size_t>(value)]);
  impl->lesions = lesions;
  impl->ablatable = find_ablatable(options.ablated, lesions, shapes, axes);
  const at::NoGradGuard no_grad;
  impl->program = compile(graph, wanted, {options.device, scalar_type_of(options.precision)});
  for (const auto value : lesions) impl->program.channel_axes[value] = axes[static_cast<std::size_t>(value)];
  const auto type = scalar_type_of(options.precision);
  const bool is_ours = options.executor != Executor::autograd;
  if (is_ours && FusedExecutor::supports(options.device, type)) {
    const FusedOptions fused{type, best_format(type), options.executor == Executor::fused};
    impl->fused = std::make_unique<FusedExecutor>(graph, impl->program, fused, options.path.string());
  }
  if (auto recorder = cuda_recorder(options.device); recorder && is_ours)
    impl->recorded = std::make_unique<RecordedExecutor>(std::move(recorder), options.path.string());
  // Pictures are float32 whatever the network's own precision, except with fp64.
  const auto picture_type = options.precision == Precision::fp64 ? at::kDouble : at::kFloat;
  impl->affine = prepare(options.scaling, at::TensorOptions(options.device).dtype(picture_type));
  return Network(std::move(impl));
}

std::vector<at::Tensor> Network::forward(const at::Tensor& picture, const std::vector<bool>& needed) const {
  const auto& affine = impl_->affine;
  if (picture.dim() != 4 || picture.size(1) != 3 || picture.scalar_type() != affine.factor.scalar_type()) {
    throw std::invalid_argument(fmt::format(
        "Network::forward: expected a (N,3,H,W) picture of {}, found {} of {}",
        c10::str(affine.factor.scalar_type()), c10::str(picture.sizes()), c10::str(picture.scalar_type())));
  }
  if (!needed.empty() && needed.size() != impl_->options.layers.size())
    throw std::invalid_argument(
        fmt::format("Network::forward: expected `needed` for each of {} layers, found {}",
                    impl_->options.layers.size(), needed.size()));
  auto x = affine.swaps_channels ? picture.flip(1) : picture;
  x = at::addcmul(affine.offset, x, affine.factor);
  x = x.to(scalar_type_of(impl_->options.precision), false, false, at::MemoryFormat::ChannelsLast);
  if (impl_->input.channels_last) x = x.permute({0, 2, 3, 1});
  std::vector<at::Tensor> activations;
  if (impl_->fused)
    activations = impl_->fused->run(x, needed, impl_->program.scales);
  else if (impl_->recorded && impl_->program.scales.empty())  // a recording cannot follow factors that change
    activations = impl_->recorded->run(
        x, needed,
        [impl = impl_.get(), needed](const at::Tensor& input) { return impl->plainly(input, needed); },
        picture.size(0) * pass_bytes(picture.size(2), picture.size(3), needed));
  else
    activations = impl_->plainly(x, needed);
  for (std::size_t i = 0; i < activations.size(); ++i)
    if (activations[i].defined())
      activations[i] =
          as_map(activations[i], impl_->axes[i], picture.size(0), picture.size(2), picture.size(3));
  return activations;
}

const std::vector<AblatableLayer>& Network::ablatable() const {
  return impl_->ablatable;
}

void Network::set_ablation(std::size_t layer, const std::vector<float>& factors) {
  const auto& channels = impl_->ablatable.at(layer).channels;
  if (!factors.empty() && static_cast<std::int64_t>(factors.size()) != channels) {
    throw std::invalid_argument(
        fmt::format("Network::set_ablation: expected a factor for each of {} channels, found {}", channels,
                    factors.size()));
  }
  auto& scales = impl_->program.scales;
  const auto value = impl_->lesions[layer];
  if (std::ranges::all_of(factors, [](float factor) { return factor == 1; })) {
    scales.erase(value);
    return;
  }
  scales[value] = at::tensor(factors).to(impl_->options.device, scalar_type_of(impl_->options.precision));
}

std::vector<LayerField> Network::receptive_fields(std::int64_t height, std::int64_t width) const {
  const auto type = scalar_type_of(impl_->options.precision);
  const bool by_winograd =
      impl_->fused && impl_->options.executor == Executor::fused && best_format(type) == Format::blocked;
  return impl_->fields->find(height, width, by_winograd ? std::optional(type) : std::nullopt);
}

std::int64_t Network::pass_bytes(std::int64_t height, std::int64_t width,
                                 const std::vector<bool>& needed) const {
  const auto known = impl_->known_bytes.find({{height, width}, needed});
  if (known != impl_->known_bytes.end()) return known->second;
  const auto type = scalar_type_of(impl_->options.precision);
  const PassSize size{impl_->input.sizes(height, width), needed, type};
  const auto shapes = impl_->fields->shapes().find(size.input);
  if (shapes.is_too_much)
    throw RenderError(fmt::format("network '{}': cannot run on a picture of {}x{}: {}",
                                  impl_->options.path.string(), width, height, shapes.first_failure));
  const auto planned = impl_->fused ? impl_->fused->planned_bytes(size.input, needed) : std::nullopt;
  const auto bytes = (planned ? *planned : maps_bytes(impl_->program, shapes, size)) +
                     activation_bytes(impl_->program, shapes, size) + picture_bytes(size);
  impl_->known_bytes[{{height, width}, needed}] = bytes;
  return bytes;
}

const std::optional<PictureSize>& Network::only_size() const {
  return impl_->only;
}

std::int64_t Network::min_input_side() const {
  return impl_->min_side;
}

std::int64_t Network::weight_bytes() const {
  return impl_->program.constant_bytes() + (impl_->fused ? impl_->fused->weight_bytes() : 0);
}

std::int64_t Network::most_weight_bytes() const {
  return impl_->program.constant_bytes() + (impl_->fused ? impl_->fused->most_weight_bytes() : 0);
}

std::int64_t Network::constant_bytes() const {
  return impl_->program.constant_bytes();
}

at::Device Network::device() const {
  return impl_->options.device;
}

Precision Network::precision() const {
  return impl_->options.precision;
}

Executor Network::executor() const {
  return impl_->fused || impl_->recorded ? impl_->options.executor : Executor::autograd;
}

const std::vector<std::string>& Network::layers() const {
  return impl_->options.layers;
}

bool has_bf16(const at::Device& device) {
  return !device.is_cpu() || supports_fused(at::kBFloat16);
}

Precision best_precision(const at::Device& device) {
  if (device.is_cuda()) return Precision::fp16;
  return has_bf16(device) ? Precision::bf16 : Precision::fp32;
}

}  // namespace dreamreel::network
