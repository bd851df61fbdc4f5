// Each kind's value and its derivative with respect to the layer's activation.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/dream/objective.h"

namespace dreamreel::dream {

/// d term / d activation is factor * cotangent. They are kept apart because the factor may be far too small for half
/// precision, while the cotangent is of the size of activations.
struct Term {
  double value = 0;
  double factor = 0;
  at::Tensor cotangent;  ///< (1,C,h,w), in the activation's type or the accumulation type
};

/// `activation`: (1,C,h,w) without autograd. Throws std::invalid_argument as evaluate() does.
Term term_of(const Objective& objective, const at::Tensor& activation);

Term energy_term(const Objective& objective, const at::Tensor& activation);
Term mean_term(const Objective& objective, const at::Tensor& activation);
Term channels_term(const Objective& objective, const at::Tensor& activation);  ///< and logit
Term neuron_term(const Objective& objective, const at::Tensor& activation);
Term guide_term(const Objective& objective, const at::Tensor& activation);  ///< and direction
Term style_term(const Objective& objective, const at::Tensor& activation);
Term content_term(const Objective& objective, const at::Tensor& activation);
Term diversity_term(const Objective& objective, const at::Tensor& activation);

/// float32, or float64 for float64.
at::ScalarType accumulation_type(const at::Tensor& activation);
/// The objective's mask on the layer's grid, (1,1,h,w) in the accumulation type; undefined without one.
at::Tensor layer_mask(const Objective& objective, const at::Tensor& activation);
/// One row a position, (P,C), and back to (1,C,h,w) like `activation`. Views, since memory is channels-last.
at::Tensor rows_of(const at::Tensor& activation);
at::Tensor map_of(const at::Tensor& rows, const at::Tensor& activation);
/// a (n,k) times b (k,m) as a 1x1 convolution: oneDNN computes those, while a float32 matmul goes to whatever BLAS is
/// installed, which may be the slow reference one.
at::Tensor product(const at::Tensor& a, const at::Tensor& b);
/// Throws std::invalid_argument unless `target` is (rows, any).
void expect_target(const Objective& objective, std::int64_t rows, const char* kind);

}  // namespace dreamreel::dream
