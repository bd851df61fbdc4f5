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

/// What style and diversity have to know of all positions, wherever they are.
struct Totals {
  at::Tensor products;   ///< (C,C), sum_p m_p a_p a_p^T; undefined for kinds that need none of this
  double area = 0;       ///< sum_p m_p
  double positions = 0;  ///< how many there are
  void add(const Totals& elsewhere);  ///< of other positions
};
bool needs_totals(Kind kind);
Totals totals_of(const Objective& objective, const at::Tensor& activation);

/// `activation`: (1,C,h,w) without autograd. Throws std::invalid_argument as evaluate() does.
Term term_of(const Objective& objective, const at::Tensor& activation);
/// The same for a part of the activation's positions. The value of a kind that needs totals is that of all positions;
/// for the others `value` and `factor` are of the part, as if there were no more.
Term term_of_part(const Objective& objective, const at::Tensor& activation, const Totals& totals);

Term energy_term(const Objective& objective, const at::Tensor& activation);
Term mean_term(const Objective& objective, const at::Tensor& activation);
Term channels_term(const Objective& objective, const at::Tensor& activation);
Term logit_term(const Objective& objective, const at::Tensor& activation);
Term neuron_term(const Objective& objective, const at::Tensor& activation);
Term guide_term(const Objective& objective, const at::Tensor& activation);  ///< and direction
Term style_term(const Objective& objective, const at::Tensor& activation, const Totals& totals);
Term content_term(const Objective& objective, const at::Tensor& activation);
Term diversity_term(const Objective& objective, const at::Tensor& activation);
Term diversity_term(const Objective& objective, const at::Tensor& activation, const Totals& totals);

/// float32, or float64 for float64.
at::ScalarType accumulation_type(const at::Tensor& activation);
/// The types and products behind Totals, of style and of diversity.
Totals style_totals(const Objective& objective, const at::Tensor& activation);
Totals diversity_totals(const Objective& objective, const at::Tensor& activation);

/// Throws std::invalid_argument if the objective names no channel, or one that the activation does not have.
void check_channels(const Objective& objective, const at::Tensor& activation);

/// The objective's mask on the layer's grid, (1,1,h,w) in the accumulation type; undefined without one.
at::Tensor layer_mask(const Objective& objective, const at::Tensor& activation);
at::Tensor mask_on_grid(const Objective& objective, std::int64_t height, std::int64_t width,
                        const at::TensorOptions& options);
/// One row a position, (P,C), and back to (1,C,h,w) like `activation`. Views, since memory is channels-last.
at::Tensor rows_of(const at::Tensor& activation);
at::Tensor map_of(const at::Tensor& rows, const at::Tensor& activation);
/// a (n,k) times b (k,m) as a 1x1 convolution: oneDNN computes those, while a float32 matmul goes to whatever BLAS is
/// installed, which may be the slow reference one.
at::Tensor product(const at::Tensor& a, const at::Tensor& b);
/// Throws std::invalid_argument unless `target` is (rows, any).
void expect_target(const Objective& objective, std::int64_t rows, const char* kind);

}  // namespace dreamreel::dream
