#include "fused_convolution.h"

#include <ATen/ATen.h>

#include "depthwise.h"
#include "kernels.h"
#include "onednn.h"
#include "winograd.h"

namespace dreamreel::network {
namespace {

using dnnl::memory;

memory::data_type data_type(at::ScalarType type) {
  return type == at::kBFloat16 ? memory::data_type::bf16 : memory::data_type::f32;
}

memory::desc describe_map(const Map& map) {
  const auto tag = map.format == Format::planar          ? memory::format_tag::nchw
                   : map.format == Format::channels_last ? memory::format_tag::nhwc
                   : map.block() == 8                    ? memory::format_tag::nChw8c
                                                         : memory::format_tag::nChw16c;
  return {{1, map.channels, map.height, map.width}, data_type(map.type), tag};
}

/// (O,I/groups,kh,kw), or with several groups (groups,O/groups,I/groups,kh,kw).
memory::dims grouped_dims(const at::Tensor& weight, std::int64_t groups) {
  auto dims = weight.sizes().vec();
  if (groups > 1) {
    dims[0] /= groups;
    dims.insert(dims.begin(), groups);
  }
  return dims;
}

/// oneDNN has no hard sigmoid that a convolution could apply; fused_forward.cpp applies it.
dnnl::post_ops post_ops_of(const Epilogue& epilogue) {
  using Kind = Epilogue::Kind;
  dnnl::post_ops after;
  if (epilogue.kind == Kind::relu) onednn::append_activation(after, dnnl::algorithm::eltwise_relu, 0, 0);
  if (epilogue.kind == Kind::clip)
    onednn::append_activation(after, dnnl::algorithm::eltwise_clip, epilogue.low, epilogue.high);
  if (epilogue.kind == Kind::leaky_relu)
    onednn::append_activation(after, dnnl::algorithm::eltwise_relu, epilogue.slope, 0);
  return after;
}

/// Axes of the turned weights V for the gradient. The convolution of the output's gradient with V gives phase
/// (a,b) of the input's gradient. V[(a,b,c)][o][t] = W[o][c][a + before - stride (t - offset)], and 0 outside
/// the window; likewise along the other axis.
struct TurnedAxis {
  std::int64_t taps = 1, offset = 0, size = 1;  ///< offset: padding before; size: of a phase's map

  TurnedAxis(const AxisWindows& windows, std::int64_t in) {
    const auto low = windows.before - windows.kernel + 1;  // may be negative; so the division below rounds up
    const auto first = low >= 0 ? (low + windows.stride - 1) / windows.stride : -(-low / windows.stride);
    const auto last = (windows.stride - 1 + windows.before) / windows.stride;
    taps = last - first + 1;
    offset = -first;
    size = (in + windows.stride - 1) / windows.stride;
  }
};

at::Tensor turned_weights(const at::Tensor& weight, const AxisWindows& rows, const AxisWindows& columns,
                          const TurnedAxis& vertical, const TurnedAxis& horizontal) {
  const auto plain = weight.to(at::kFloat).contiguous();
  const auto out = plain.size(0), in = plain.size(1);
  auto turned = at::zeros({rows.stride, columns.stride, in, out, vertical.taps, horizontal.taps}, at::kFloat);
  for (std::int64_t a = 0; a < rows.stride; ++a) {
    for (std::int64_t b = 0; b < columns.stride; ++b) {
      for (std::int64_t t = 0; t < vertical.taps; ++t) {
        const auto y = a + rows.before - rows.stride * (t - vertical.offset);
        if (y < 0 || y >= rows.kernel) continue;
        for (std::int64_t u = 0; u < horizontal.taps; ++u) {
          const auto x = b + columns.before - columns.stride * (u - horizontal.offset);
          if (x < 0 || x >= columns.kernel) continue;
          turned[a][b].select(3, u).select(2, t).copy_(plain.select(3, x).select(2, y).t());
        }
      }
    }
  }
  return turned.view({rows.stride * columns.stride * in, out, vertical.taps, horizontal.taps});
}

}  // namespace

bool supports_fused(at::ScalarType type) {
  const auto kernels = chosen_kernels();
  if (type == at::kBFloat16) return kernels == Kernels::avx512_bf16;
  return type == at::kFloat && kernels != Kernels::none;
}

Format best_format(at::ScalarType type) {
  static const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  constexpr auto kAmx = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_amx);
  return type == at::kBFloat16 && (isa & kAmx) == kAmx ? Format::channels_last : Format::blocked;
}

struct ConvolutionFactory::Impl {
  at::ScalarType type;
  bool multiply_less = false;
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};

  /// Names one order of weights: as stored, or turned for one padding.
  struct Variant {
    ValueId id = kNoValue;
    bool turned = false;
    std::int64_t before_rows = 0, before_columns = 0;
    // NOLINTNEXTLINE(modernize-use-nullptr): the 0 is the compiler's own
    auto operator<=>(const Variant&) const = default;
  };
  struct Reordered {
    memory::desc desc;
    memory weights;
  };
  std::map<Variant, std::vector<Reordered>> reordered;
  std::map<Variant, std::shared_ptr<const WinogradWeights>> winograd;
  std::map<ValueId, at::Tensor> padded_biases, depthwise;
  std::map<ValueId, memory> biases;
  std::int64_t weight_bytes = 0;

  /// Describes the convolution without a bias. oneDNN may choose the format of the weights, which have
  /// `dims`.
  onednn::Convolution describe(const ConvolutionShape& shape, const memory::dims& dims) const {
    const auto& [rows, columns] = std::pair(shape.rows, shape.columns);
    return {describe_map(shape.in),
            {dims, data_type(type), memory::format_tag::any},
            {},
            describe_map(shape.out),
            {rows.stride, columns.stride},
            {rows.dilation - 1, columns.dilation - 1},
            {rows.before, columns.before},
            {rows.after, columns.after}};
  }

  /// `make` returns the plain weights, float32 and contiguous.
  template <typename Make>
  memory weights(const Variant& variant, const memory::desc& desc, const memory::dims& dims,
                 const Make& make) {
    auto& known = reordered[variant];
    for (const auto& entry : known)
      if (entry.desc == desc) return entry.weights;
    const at::Tensor plain = make();
    const auto tag = dims.size() == 5 ? memory::format_tag::goihw : memory::format_tag::oihw;
    memory from({dims, memory::data_type::f32, tag}, engine, plain.data_ptr());
    memory to(desc, engine);
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
    weight_bytes += static_cast<std::int64_t>(desc.get_size());
    known.push_back({desc, to});
    return to;
  }

  memory bias(const ConvolutionWeights& weights) {
    const auto known = biases.find(weights.bias_id);
    if (known != biases.end()) return known->second;
    const auto plain = weights.bias.to(at::kFloat).contiguous();
    memory to({{plain.numel()}, memory::data_type::f32, memory::format_tag::x}, engine);
    std::copy_n(plain.data_ptr<float>(), plain.numel(), static_cast<float*>(to.get_data_handle()));
    weight_bytes += plain.numel() * 4;
    biases.emplace(weights.bias_id, to);
    return to;
  }

  template <typename Make>
  std::shared_ptr<const WinogradWeights> winograd_weights(const Variant& variant, const Make& make) {
    auto& known = winograd[variant];
    if (known == nullptr) {
      known = std::make_shared<const WinogradWeights>(make());
      weight_bytes += known->bytes();
    }
    return known;
  }

  at::Tensor depthwise_weights_of(const ConvolutionWeights& weights) {
    auto& known = depthwise[weights.id];
    if (!known.defined()) {
      known = depthwise_weights(weights.weight);
      weight_bytes += static_cast<std::int64_t>(known.nbytes());
    }
    return known;
  }

  /// The bias, padded with zeros to whole blocks; undefined if the convolution has none.
  at::Tensor padded_bias(const ConvolutionWeights& weights, const Map& out) {
    if (!weights.bias.defined()) return {};
    auto& known = padded_biases[weights.bias_id];
    if (!known.defined()) {
      known = at::zeros({out.outer() * out.block()}, at::kFloat);
      known.narrow(0, 0, out.channels).copy_(weights.bias);
      weight_bytes += known.numel() * 4;
    }
    return known;
  }

  std::unique_ptr<Convolution> turned(const ConvolutionShape& shape, const ConvolutionWeights& weights,
                                      const Map& to, const TurnedAxis& vertical, const TurnedAxis& horizontal,
                                      bool accumulate);
  std::unique_ptr<Convolution> backward(const ConvolutionShape& shape, const ConvolutionWeights& weights);
};

namespace {

class Primitive : public Convolution {
 public:
  Primitive(dnnl::primitive primitive, dnnl::stream stream, const memory::desc& src, int src_name,
            const memory::desc& dst, int dst_name, const memory::desc& scratch, memory weights,
            const memory* bias)
      : primitive_(std::move(primitive)),
        stream_(std::move(stream)),
        engine_(stream_.get_engine()),
        src_(src, engine_, DNNL_MEMORY_NONE),
        dst_(dst, engine_, DNNL_MEMORY_NONE),
        scratch_(scratch, engine_, DNNL_MEMORY_NONE),
        scratch_bytes_(static_cast<std::int64_t>(scratch.get_size())) {
    arguments_ = {{src_name, src_},
                  {DNNL_ARG_WEIGHTS, std::move(weights)},
                  {dst_name, dst_},
                  {DNNL_ARG_SCRATCHPAD, scratch_}};
    if (bias != nullptr) arguments_.emplace(DNNL_ARG_BIAS, *bias);
  }

  using Convolution::run;
  void run(const void* src, void* dst, void* scratch, const GradientMasks&) override {
    src_.set_data_handle(
        const_cast<void*>(src));  // NOLINT(cppcoreguidelines-pro-type-const-cast): it only reads
    dst_.set_data_handle(dst);
    if (scratch_bytes_ > 0) scratch_.set_data_handle(scratch);
    primitive_.execute(stream_, arguments_);
    stream_.wait();
  }

  std::int64_t scratch_bytes() const override { return scratch_bytes_; }

 private:
  dnnl::primitive primitive_;
  dnnl::stream stream_;
  dnnl::engine engine_;
  memory src_, dst_, scratch_;
  std::int64_t scratch_bytes_;
  std::unordered_map<int, memory> arguments_;
};

}  // namespace

ConvolutionFactory::ConvolutionFactory(at::ScalarType type, bool multiply_less)
    : impl_(std::make_unique<Impl>()) {
  impl_->type = type;
  impl_->multiply_less = multiply_less;
}
ConvolutionFactory::~ConvolutionFactory() = default;

std::int64_t ConvolutionFactory::weight_bytes() const {
  return impl_->weight_bytes;
}

std::unique_ptr<Convolution> ConvolutionFactory::forward(const ConvolutionShape& shape,
                                                         const ConvolutionWeights& weights,
                                                         const Epilogue& epilogue) {
  const auto& [rows, columns] = std::pair(shape.rows, shape.columns);
  if (impl_->multiply_less && suits_winograd(shape)) {
    const auto placed =
        impl_->winograd_weights({weights.id}, [&] { return weights.weight.to(at::kFloat).contiguous(); });
    return make_winograd({rows.kernel, shape.in, shape.out, rows.before, columns.before}, placed,
                         impl_->padded_bias(weights, shape.out), epilogue, false);
  }
  const auto dims = grouped_dims(weights.weight, shape.groups);
  onednn::Convolution wanted = impl_->describe(shape, dims);
  if (weights.bias.defined())
    wanted.bias = {{weights.weight.size(0)}, memory::data_type::f32, memory::format_tag::x};
  const auto description =
      onednn::describe_forward(wanted, onednn::attributes_with(post_ops_of(epilogue)), impl_->engine);
  if (!description || !onednn::is_fast(description)) return nullptr;
  const auto placed = impl_->weights({weights.id}, description.weights_desc(), dims,
                                     [&] { return weights.weight.to(at::kFloat).contiguous(); });
  const bool has_bias = weights.bias.defined();
  const auto bias = has_bias ? impl_->bias(weights) : memory();
  return std::make_unique<Primitive>(dnnl::convolution_forward(description), impl_->stream,
                                     description.src_desc(), DNNL_ARG_SRC, description.dst_desc(),
                                     DNNL_ARG_DST, description.scratchpad_desc(), placed,
                                     has_bias ? &bias : nullptr);
}

/// The gradient as a convolution of stride 1, from the gradient of `shape.out` to `to`.
std::unique_ptr<Convolution> ConvolutionFactory::Impl::turned(const ConvolutionShape& shape,
                                                              const ConvolutionWeights& weights_of,
                                                              const Map& to, const TurnedAxis& vertical,
                                                              const TurnedAxis& horizontal, bool accumulate) {
  const memory::dims dims{to.channels, shape.out.channels, vertical.taps, horizontal.taps};
  const memory::dims before{vertical.offset, horizontal.offset};
  const memory::dims behind{to.height + vertical.taps - 1 - shape.out.height - vertical.offset,
                            to.width + horizontal.taps - 1 - shape.out.width - horizontal.offset};
  for (const auto padding : {before[0], before[1], behind[0], behind[1]})
    if (padding < 0) return nullptr;
  const Variant variant{weights_of.id, true, shape.rows.before, shape.columns.before};
  const auto make = [&] {
    return turned_weights(weights_of.weight, shape.rows, shape.columns, vertical, horizontal);
  };
  if (multiply_less && suits_winograd(shape))
    return make_winograd({shape.rows.kernel, shape.out, to, before[0], before[1]},
                         winograd_weights(variant, make), {}, {}, accumulate);
  dnnl::post_ops after;
  if (accumulate) after.append_sum(1);
  const onednn::Convolution wanted{describe_map(shape.out),
                                   {dims, data_type(type), memory::format_tag::any},
                                   {},
                                   describe_map(to),
                                   {1, 1},
                                   {0, 0},
                                   before,
                                   behind};
  const auto description = onednn::describe_forward(wanted, onednn::attributes_with(after), engine);
  if (!description || !onednn::is_fast(description)) return nullptr;
  const auto placed = weights(variant, description.weights_desc(), dims, make);
  return std::make_unique<Primitive>(dnnl::convolution_forward(description), stream, description.src_desc(),
                                     DNNL_ARG_SRC, description.dst_desc(), DNNL_ARG_DST,
                                     description.scratchpad_desc(), placed, nullptr);
}

/// The gradient to the input by oneDNN's own primitive.
std::unique_ptr<Convolution> ConvolutionFactory::Impl::backward(const ConvolutionShape& shape,
                                                                const ConvolutionWeights& weights_of) {
  const auto dims = grouped_dims(weights_of.weight, shape.groups);
  const auto description =
      onednn::describe_backward(describe(shape, dims), onednn::attributes_with({}), engine);
  if (!description || !onednn::is_fast(description)) return nullptr;
  const auto placed = weights({weights_of.id}, description.weights_desc(), dims,
                              [&] { return weights_of.weight.to(at::kFloat).contiguous(); });
  return std::make_unique<Primitive>(
      dnnl::convolution_backward_data(description), stream, description.diff_dst_desc(), DNNL_ARG_DIFF_DST,
      description.diff_src_desc(), DNNL_ARG_DIFF_SRC, description.scratchpad_desc(), placed, nullptr);
}

std::unique_ptr<Convolution> ConvolutionFactory::gradient(const ConvolutionShape& shape,
                                                          const ConvolutionWeights& weights,
                                                          bool accumulate) {
  if (suits_depthwise(shape))
    return make_depthwise_gradient(shape, impl_->depthwise_weights_of(weights), accumulate);
  const bool is_plain = shape.groups == 1 && shape.rows.stride == 1 && shape.columns.stride == 1 &&
                        shape.rows.dilation == 1 && shape.columns.dilation == 1;
  if (is_plain) {
    auto turned = impl_->turned(shape, weights, shape.in, TurnedAxis(shape.rows, shape.in.height),
                                TurnedAxis(shape.columns, shape.in.width), accumulate);
    if (turned != nullptr) return turned;
  }
  return accumulate ? nullptr : impl_->backward(shape, weights);
}

PictureGradient ConvolutionFactory::picture_gradient(const ConvolutionShape& shape,
                                                     const ConvolutionWeights& weights) {
  if (shape.groups != 1 || shape.rows.dilation != 1 || shape.columns.dilation != 1) return {};
  const TurnedAxis vertical(shape.rows, shape.in.height), horizontal(shape.columns, shape.in.width);
  PictureGradient result;
  result.phases = shape.out;
  result.phases.channels = shape.in.channels * shape.rows.stride * shape.columns.stride;
  result.phases.height = vertical.size;
  result.phases.width = horizontal.size;
  result.convolution = impl_->turned(shape, weights, result.phases, vertical, horizontal, false);
  return result;
}

}  // namespace dreamreel::network
