#include "onednn.h"

#include <string_view>

namespace dreamreel::network::onednn {
namespace {

constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;

bool is_empty(const dnnl::memory::desc& description) {
  return description == dnnl::memory::desc();
}

/// Describes a forward convolution, to run it or as the hint that a backward convolution needs.
dnnl::convolution_forward::primitive_desc describe(dnnl::prop_kind kind, const Convolution& c,
                                                   const dnnl::primitive_attr& attributes,
                                                   const dnnl::engine& engine) {
#if DNNL_VERSION_MAJOR >= 3
  if (is_empty(c.bias))
    return {engine,    kind,        kAlgorithm, c.src,    c.weights,  c.dst,
            c.strides, c.dilations, c.before,   c.behind, attributes, true};
  return {engine,    kind,        kAlgorithm, c.src,    c.weights,  c.bias, c.dst,
          c.strides, c.dilations, c.before,   c.behind, attributes, true};
#else
  using Forward = dnnl::convolution_forward;
  const auto operation = is_empty(c.bias) ? Forward::desc(kind, kAlgorithm, c.src, c.weights, c.dst,
                                                          c.strides, c.dilations, c.before, c.behind)
                                          : Forward::desc(kind, kAlgorithm, c.src, c.weights, c.bias, c.dst,
                                                          c.strides, c.dilations, c.before, c.behind);
  return {operation, attributes, engine, true};
#endif
}

}  // namespace

dnnl::primitive_attr attributes_with(const dnnl::post_ops& after) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_post_ops(after);
  return attributes;
}

void append_activation(dnnl::post_ops& after, dnnl::algorithm function, float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
  after.append_eltwise(function, alpha, beta);
#else
  after.append_eltwise(1, function, alpha, beta);
#endif
}

dnnl::convolution_forward::primitive_desc describe_forward(const Convolution& convolution,
                                                           const dnnl::primitive_attr& attributes,
                                                           const dnnl::engine& engine) {
  return describe(dnnl::prop_kind::forward_inference, convolution, attributes, engine);
}

dnnl::convolution_backward_data::primitive_desc describe_backward(const Convolution& convolution,
                                                                  const dnnl::primitive_attr& attributes,
                                                                  const dnnl::engine& engine) {
  auto without_bias = convolution;
  without_bias.bias = {};
  const auto hint = describe(dnnl::prop_kind::forward_training, without_bias, {}, engine);
  if (!hint) return {};
  const auto& c = convolution;
#if DNNL_VERSION_MAJOR >= 3
  return {engine,      kAlgorithm, c.src,    c.weights, c.dst,      c.strides,
          c.dilations, c.before,   c.behind, hint,      attributes, true};
#else
  using Backward = dnnl::convolution_backward_data;
  const Backward::desc operation(kAlgorithm, c.src, c.weights, c.dst, c.strides, c.dilations, c.before,
                                 c.behind);
  return {operation, attributes, engine, hint, true};
#endif
}

bool is_fast(const dnnl::primitive_desc_base& description) {
  const char* name = nullptr;
  if (dnnl_primitive_desc_query(description.get(), dnnl_query_impl_info_str, 0, &name) != dnnl_success)
    return false;
  return std::string_view(name).find("ref") == std::string_view::npos;
}

}  // namespace dreamreel::network::onednn
