// Conv, BatchNormalization, LRN and the matrix products.
#include <ATen/ATen.h>
#include <fmt/core.h>

#include <algorithm>

#include "ops.h"
#include "sliding_window.h"

namespace dreamreel::network {
namespace {

at::Tensor or_undefined(Inputs inputs, std::size_t index) {
  return index < inputs.size() ? inputs[index] : at::Tensor{};
}

/// Stands in on the meta device, which has no convolution.
at::Tensor empty_result(const at::Tensor& x, const at::Tensor& weight, const std::vector<AxisWindows>& axes) {
  std::vector<std::int64_t> sizes{x.size(0), weight.size(0)};
  for (const auto& axis : axes) sizes.push_back(axis.count);
  return at::empty(sizes, x.options());
}

double work_of_convolution(const at::Tensor& x, const at::Tensor& weight,
                           const std::vector<AxisWindows>& axes) {
  double work = static_cast<double>(x.size(0)) * static_cast<double>(weight.numel());
  for (const auto& axis : axes) work *= static_cast<double>(axis.count);
  return work;
}

/// Makes ATen give 1x1 convolutions to oneDNN. On one CPU thread, ATen gives plain ones in float32 to BLAS.
/// Debian's reference BLAS is ten times slower than oneDNN. With a dilation, oneDNN gets them; a dilation
/// does not change a 1x1 window.
std::vector<std::int64_t> pick_dilations(const std::vector<AxisWindows>& axes, const at::Tensor& x) {
  auto dilations = each(axes, &AxisWindows::dilation);
  const bool is_point = std::ranges::all_of(axes, [](const AxisWindows& axis) { return axis.kernel == 1; });
  if (is_point && x.is_cpu()) dilations.assign(axes.size(), 2);
  return dilations;
}

at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                    const SlidingWindow& window, std::int64_t groups) {
  if (x.dim() < 3 || weight.dim() != x.dim() || x.size(1) != weight.size(1) * groups ||
      weight.size(0) % groups != 0 ||
      (bias.defined() && (bias.dim() != 1 || bias.size(0) != weight.size(0)))) {
    throw Invalid(fmt::format("its weights {} in {} groups do not fit an input of {}",
                              c10::str(weight.sizes()), groups, c10::str(x.sizes())));
  }
  const auto axes = window.place(x.sizes().slice(2), weight.sizes().slice(2));
  if (x.is_meta()) return empty_result(x, weight, axes);
  check_work(work_of_convolution(x, weight, axes));
  const auto strides = each(axes, &AxisWindows::stride);
  const auto dilations = pick_dilations(axes, x);
  const std::vector<std::int64_t> none(axes.size(), 0);
  const auto run = [&](const at::Tensor& input, const std::vector<std::int64_t>& padding) {
    return at::convolution(input, weight, bias.defined() ? c10::optional<at::Tensor>(bias) : c10::nullopt,
                           strides, padding, dilations, false, none, groups);
  };
  const auto before = each(axes, &AxisWindows::before);
  const bool symmetric = before == each(axes, &AxisWindows::after);
  return symmetric ? run(x, before) : run(at::constant_pad_nd(x, pad_list(axes)), none);
}

Kernel build_conv(const NodeView& node) {
  const SlidingWindow window(node);
  const auto groups = node.integer("group", 1);
  constexpr std::int64_t kMaxGroups = 1 << 20;
  if (groups < 1 || groups > kMaxGroups)
    throw Invalid(fmt::format("expected 1 to {} groups, found {}", kMaxGroups, groups));
  return [window, groups](Inputs inputs) -> Outputs {
    return {convolve(inputs[0], inputs[1], or_undefined(inputs, 2), window, groups)};
  };
}

/// A vector of channels, shaped so that it broadcasts over (N,C,...).
at::Tensor per_channel(const at::Tensor& vector, const at::Tensor& x) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(std::max<std::int64_t>(x.dim() - 1, 1)), 1);
  sizes[0] = vector.numel();
  return vector.reshape(sizes);
}

/// Inference only. A network never runs this: a pass replaces it by kScaleShiftOp or folds it into a Conv.
Kernel build_batch_norm(const NodeView& node) {
  if (node.integer("training_mode", 0) != 0 || node.has_output(1))
    throw Unsupported("it is in training mode");
  if (node.integer("spatial", 1) == 0) throw Unsupported("it has statistics for every position");
  const auto epsilon = node.number("epsilon", 1e-5);
  return [epsilon](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto scale = inputs[1] * at::rsqrt(inputs[4] + epsilon);
    const auto shift = inputs[2] - inputs[3] * scale;
    return {x * per_channel(scale, x) + per_channel(shift, x)};
  };
}

Kernel build_scale_shift(const NodeView&) {
  return [](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    return {at::addcmul(per_channel(inputs[2], x), x, per_channel(inputs[1], x))};
  };
}

/// y = x / (bias + alpha/size * sum of x^2 over `size` neighbouring channels)^beta (Krizhevsky et al. 2012).
/// The sum is computed as a 1x1 convolution with a band matrix, which is the fastest way to sum over channels
/// in channels-last memory. Its bias is `bias`, and its weights are `alpha/size`.
Kernel build_lrn(const NodeView& node) {
  const auto size = node.integer("size", 0);
  constexpr std::int64_t kMostChannels = 1 << 16;
  if (size < 1 || size > kMostChannels)
    throw Invalid(fmt::format("expected a size of 1 to {}, found {}", kMostChannels, size));
  const auto alpha = node.number("alpha", 1e-4), beta = node.number("beta", 0.75),
             bias = node.number("bias", 1);
  return [=](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    if (x.dim() != 4) throw Invalid(fmt::format("expected an input of 4 dimensions, found {}", x.dim()));
    const auto channels = x.size(1);
    if (x.is_meta()) return {at::empty_like(x)};
    const auto weights = at::full({channels, channels}, alpha / static_cast<double>(size), x.options())
                             .triu(-((size - 1) / 2))
                             .tril(size / 2)
                             .view({channels, channels, 1, 1});
    return {x * at::conv2d(x * x, weights, at::full({channels}, bias, x.options())).pow(-beta)};
  };
}

Kernel build_gemm(const NodeView& node) {
  const auto alpha = node.number("alpha", 1), beta = node.number("beta", 1);
  const bool transpose_a = node.integer("transA", 0) != 0, transpose_b = node.integer("transB", 0) != 0;
  return [=](Inputs inputs) -> Outputs {
    if (inputs[0].dim() != 2 || inputs[1].dim() != 2) throw Invalid("expected two matrices");
    const auto a = transpose_a ? inputs[0].t() : inputs[0];
    const auto b = transpose_b ? inputs[1].t() : inputs[1];
    const auto c = or_undefined(inputs, 2);
    if (!a.is_meta()) check_work(static_cast<double>(a.numel()) * static_cast<double>(b.size(1)));
    if (c.defined()) return {at::addmm(c, a, b, beta, alpha)};
    const auto product = at::mm(a, b);
    return {alpha == 1 ? product : product * alpha};
  };
}

Kernel build_matmul(const NodeView&) {
  return [](Inputs inputs) -> Outputs {
    const auto& a = inputs[0];
    const auto& b = inputs[1];
    if (a.dim() == 0 || b.dim() == 0) throw Invalid("expected vectors or matrices");
    // Every row on the left is multiplied with each column of a matrix on the right. Batches may be
    // broadcast.
    const auto meets = b.dim() == 2 ? b.size(1) : b.numel();
    check_work(static_cast<double>(a.numel()) * static_cast<double>(meets));
    return {at::matmul(a, b)};
  };
}

/// Sums of products along named axes. The work and the intermediate memory are at most the product of all
/// sizes.
Kernel build_einsum(const NodeView& node) {
  const auto equation = node.text("equation", "");
  return [equation](Inputs inputs) -> Outputs {
    double product = 1;
    std::int64_t largest = 1;
    for (const auto& input : inputs) {
      product *= static_cast<double>(std::max<std::int64_t>(input.numel(), 1));
      largest = std::max(largest, input.numel());
    }
    check_work(product);
    std::vector<at::Tensor> shapes;
    for (const auto& input : inputs)
      shapes.push_back(at::empty(input.sizes(), input.options().device(at::kMeta)));
    check_growth(at::einsum(equation, shapes).sizes(), largest);
    return {at::einsum(equation, inputs)};
  };
}

}  // namespace

void add_convolution_ops(OpTable& table) {
  table["Conv"] = {.build = build_conv, .min_inputs = 2, .max_inputs = 3, .fresh_output = true};
  table["BatchNormalization"] = {
      .build = build_batch_norm, .min_inputs = 5, .max_inputs = 5, .fresh_output = true};
  table[kScaleShiftOp] = {.build = build_scale_shift,
                          .min_inputs = 3,
                          .max_inputs = 3,
                          .keeps_shape = true,
                          .fresh_output = true};
  table["LRN"] = {.build = build_lrn};
  table["Gemm"] = {.build = build_gemm, .min_inputs = 2, .max_inputs = 3, .fresh_output = true};
  table["Einsum"] = {.build = build_einsum, .min_inputs = 1, .max_inputs = 3};
  table["MatMul"] = {.build = build_matmul, .min_inputs = 2, .max_inputs = 2, .fresh_output = true};
}

}  // namespace dreamreel::network
