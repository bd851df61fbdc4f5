// The only door to oneDNN: its header, and every difference between oneDNN 2 and 3. oneDNN 3 did away with
// operation descriptors: what a primitive computes is given to the primitive's description directly. Private
// to the module; which convolutions go to oneDNN is decided in fused_convolution.cpp.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

namespace dreamreel::network::onednn {

/// A convolution of maps as oneDNN wants it told. `dilations` are 0 where neighbouring pixels are read.
struct Convolution {
  dnnl::memory::desc src, weights, bias, dst;  ///< bias: none where it is empty
  dnnl::memory::dims strides, dilations, before, behind;
};

/// The attributes of a primitive whose scratch memory the caller gives.
dnnl::primitive_attr attributes_with(const dnnl::post_ops& after);

/// Applies an element-wise function to a result as it is stored.
void append_activation(dnnl::post_ops& after, dnnl::algorithm function, float alpha, float beta);

/// The convolution of `src` with `weights`, plus `bias`; an empty description where oneDNN has no kernel.
dnnl::convolution_forward::primitive_desc describe_forward(const Convolution& convolution,
                                                           const dnnl::primitive_attr& attributes,
                                                           const dnnl::engine& engine);

/// The gradient to `src` of the same convolution, from the gradient to `dst`; `bias` plays no part. Empty as
/// above.
dnnl::convolution_backward_data::primitive_desc describe_backward(const Convolution& convolution,
                                                                  const dnnl::primitive_attr& attributes,
                                                                  const dnnl::engine& engine);

/// Whether oneDNN has a kernel for this processor: its reference kernels are a thousand times slower.
bool is_fast(const dnnl::primitive_desc_base& description);

}  // namespace dreamreel::network::onednn
