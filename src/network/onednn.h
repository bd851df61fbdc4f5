// The only door to oneDNN: includes its header, and hides every difference between oneDNN 2 and 3. oneDNN 3
// has no operation descriptors; a primitive's description takes their arguments directly.
// fused_convolution.cpp decides which convolutions oneDNN computes.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

namespace dreamreel::network::onednn {

/// A convolution of maps, in oneDNN's terms. `dilations` are 0 where the window reads neighbouring pixels.
struct Convolution {
  dnnl::memory::desc src, weights, bias, dst;  ///< bias: empty for none
  dnnl::memory::dims strides, dilations, before, behind;
};

/// The attributes of a primitive that computes in scratch memory of the caller.
dnnl::primitive_attr attributes_with(const dnnl::post_ops& after);

/// Adds an element-wise function that is applied to a result as it is stored.
void append_activation(dnnl::post_ops& after, dnnl::algorithm function, float alpha, float beta);

/// Describes the convolution of `src` with `weights`, plus `bias`. Empty if oneDNN has no kernel.
dnnl::convolution_forward::primitive_desc describe_forward(const Convolution& convolution,
                                                           const dnnl::primitive_attr& attributes,
                                                           const dnnl::engine& engine);

/// Describes the gradient to `src` of the same convolution, from the gradient to `dst`. `bias` is ignored.
/// Empty if oneDNN has no kernel.
dnnl::convolution_backward_data::primitive_desc describe_backward(const Convolution& convolution,
                                                                  const dnnl::primitive_attr& attributes,
                                                                  const dnnl::engine& engine);

/// Whether oneDNN has a kernel made for this processor. Its reference kernels are a thousand times slower.
bool is_fast(const dnnl::primitive_desc_base& description);

}  // namespace dreamreel::network::onednn
