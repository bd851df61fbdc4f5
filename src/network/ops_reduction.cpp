// ReduceMean and the other reductions, Softmax, LogSoftmax.
#include <ATen/ATen.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "ops.h"

namespace dreamreel::network {
namespace {

using ReduceFunction = at::Tensor (*)(const at::Tensor&, at::IntArrayRef axes, bool keep_dims);

at::Tensor reduce_mean(const at::Tensor& x, at::IntArrayRef axes, bool keep_dims) {
  return at::isFloatingType(x.scalar_type()) ? x.mean(axes, keep_dims)
                                             : x.to(at::kDouble).mean(axes, keep_dims).to(x.scalar_type());
}

at::Tensor reduce_sum(const at::Tensor& x, at::IntArrayRef axes, bool keep_dims) {
  return x.sum(axes, keep_dims, x.scalar_type());
}

at::Tensor reduce_max(const at::Tensor& x, at::IntArrayRef axes, bool keep_dims) {
  return x.amax(axes, keep_dims);
}

at::Tensor reduce_min(const at::Tensor& x, at::IntArrayRef axes, bool keep_dims) {
  return x.amin(axes, keep_dims);
}

at::Tensor reduce_product(const at::Tensor& x, at::IntArrayRef axes, bool keep_dims) {
  std::vector<std::int64_t> along;
  for (const auto axis : axes) along.push_back(normal_axis(axis, x.dim()));
  std::ranges::sort(along, std::greater<>());
  const bool is_short = is_short_float(x.scalar_type());  // a CPU has no product of short floats
  auto result = is_short ? x.to(at::kFloat) : x;
  for (const auto axis : along) result = result.prod(axis, keep_dims, result.scalar_type());
  return result.to(x.scalar_type());
}

at::Tensor reduce_sizes(const at::Tensor& x, at::IntArrayRef axes, bool keep_dims) {
  return reduce_sum(x.abs(), axes, keep_dims);
}

at::Tensor reduce_squares(const at::Tensor& x, at::IntArrayRef axes, bool keep_dims) {
  return reduce_sum(x * x, axes, keep_dims);
}

/// The Euclidean norm. Its gradient at 0 is 0; a plain square root's would be infinite.
at::Tensor reduce_norm(const at::Tensor& x, at::IntArrayRef axes, bool keep_dims) {
  if (at::isFloatingType(x.scalar_type())) return at::norm(x, at::Scalar(2), axes, keep_dims);
  return at::norm(x.to(at::kDouble), at::Scalar(2), axes, keep_dims).to(x.scalar_type());
}

at::Tensor reduce_log_sum(const at::Tensor& x, at::IntArrayRef axes, bool keep_dims) {
  return x.sum(axes, keep_dims).log().to(x.scalar_type());
}

at::Tensor reduce_log_sum_exp(const at::Tensor& x, at::IntArrayRef axes, bool keep_dims) {
  return at::logsumexp(x, axes, keep_dims);
}

/// The axes are an attribute, or an input (ReduceSum from opset 13 on, others from 18 on). An empty list
/// means all axes, unless the node says that it means none.
template <ReduceFunction kFunction>
Kernel build_reduce(const NodeView& node) {
  const IntegerList axes(node, "axes", 1);
  const bool keep_dims = node.integer("keepdims", 1) != 0;
  const bool empty_is_none = node.integer("noop_with_empty_axes", 0) != 0;
  return [=](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    auto along = axes.get(inputs).value_or(std::vector<std::int64_t>{});
    if (along.empty() && empty_is_none) return {x};
    if (along.empty()) {
      along.resize(static_cast<std::size_t>(x.dim()));
      std::iota(along.begin(), along.end(), 0);
    }
    return {kFunction(x, along, keep_dims)};
  };
}

/// Before opset 13: over all dimensions from `axis` on, taken as one. From opset 13 on: along `axis`.
template <at::Tensor (*kFunction)(const at::Tensor&, std::int64_t axis)>
Kernel build_softmax(const NodeView& node) {
  const bool flattens = node.opset() < 13;
  const auto axis = node.integer("axis", flattens ? 1 : -1);
  return [flattens, axis](Inputs inputs) -> Outputs {
    const auto& x = inputs[0];
    const auto along = normal_axis(axis, x.dim());
    if (!flattens) return {kFunction(x, along)};
    return {kFunction(x.flatten(along), along).reshape(x.sizes())};
  };
}

at::Tensor softmax(const at::Tensor& x, std::int64_t axis) {
  return at::softmax(x, axis);
}

at::Tensor log_softmax(const at::Tensor& x, std::int64_t axis) {
  return at::log_softmax(x, axis);
}

}  // namespace

void add_reduction_ops(OpTable& table) {
  table["ReduceMean"] = {.build = build_reduce<reduce_mean>, .min_inputs = 1, .max_inputs = 2};
  table["ReduceSum"] = {.build = build_reduce<reduce_sum>, .min_inputs = 1, .max_inputs = 2};
  table["ReduceMax"] = {.build = build_reduce<reduce_max>, .min_inputs = 1, .max_inputs = 2};
  table["ReduceMin"] = {.build = build_reduce<reduce_min>, .min_inputs = 1, .max_inputs = 2};
  table["ReduceProd"] = {.build = build_reduce<reduce_product>, .min_inputs = 1, .max_inputs = 2};
  table["ReduceL1"] = {.build = build_reduce<reduce_sizes>, .min_inputs = 1, .max_inputs = 2};
  table["ReduceL2"] = {.build = build_reduce<reduce_norm>, .min_inputs = 1, .max_inputs = 2};
  table["ReduceSumSquare"] = {.build = build_reduce<reduce_squares>, .min_inputs = 1, .max_inputs = 2};
  table["ReduceLogSum"] = {.build = build_reduce<reduce_log_sum>, .min_inputs = 1, .max_inputs = 2};
  table["ReduceLogSumExp"] = {.build = build_reduce<reduce_log_sum_exp>, .min_inputs = 1, .max_inputs = 2};
  table["Softmax"] = {.build = build_softmax<softmax>, .keeps_shape = true};
  table["LogSoftmax"] = {.build = build_softmax<log_softmax>, .keeps_shape = true};
}

}  // namespace dreamreel::network
