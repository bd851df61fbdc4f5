// The value of each kind of objective, and its derivative with respect to the layer's activation.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/dream/objective.h"

namespace dreamreel::dream {

/// The derivative of a term with respect to the activation is factor * cotangent. The two are separate
/// because the factor may be far too small for half precision. The cotangent has the size of activations.
struct Term {
  double value = 0;
  double factor = 0;
  at::Tensor cotangent;  ///< (1,C,h,w), in the activation's type or the accumulation type
};

/// Sums over all positions that style and diversity need.
struct Totals {
  at::Tensor products;                ///< (C,C), sum_p m_p a_p a_p^T; undefined for other kinds
  double area = 0;                    ///< sum_p m_p
  double positions = 0;               ///< number of positions
  void add(const Totals& elsewhere);  ///< adds the sums over other positions
};
bool needs_totals(Kind kind);
Totals totals_of(const Objective& objective, const at::Tensor& activation);

/// `activation`: (1,C,h,w) without autograd. Throws std::invalid_argument as evaluate() does.
Term term_of(const Objective& objective, const at::Tensor& activation);
/// The term for a part of the activation's positions. For a kind that needs totals, the value covers all
/// positions. For other kinds, `value` and `factor` cover the part, as if there were no other positions.
Term term_of_part(const Objective& objective, const at::Tensor& activation, const Totals& totals);

Term energy_term(const Objective& objective, const at::Tensor& activation);
Term mean_term(const Objective& objective, const at::Tensor& activation);
Term channels_term(const Objective& objective, const at::Tensor& activation);
Term logit_term(const Objective& objective, const at::Tensor& activation);
Term neuron_term(const Objective& objective, const at::Tensor& activation);
Term guide_term(const Objective& objective, const at::Tensor& activation);  ///< also for direction
Term style_term(const Objective& objective, const at::Tensor& activation, const Totals& totals);
Term content_term(const Objective& objective, const at::Tensor& activation);
Term diversity_term(const Objective& objective, const at::Tensor& activation);
Term diversity_term(const Objective& objective, const at::Tensor& activation, const Totals& totals);

/// float32, or float64 for a float64 activation.
at::ScalarType accumulation_type(const at::Tensor& activation);
/// The sums of style and of diversity, each in the types that it needs.
Totals style_totals(const Objective& objective, const at::Tensor& activation);
Totals diversity_totals(const Objective& objective, const at::Tensor& activation);

/// The position whose cell contains the fraction `at` of a side of `side` positions.
std::int64_t cell_at(double at, std::int64_t side);
/// Throws std::invalid_argument if the objective names no channel, or a channel that the activation lacks.
void check_channels(const Objective& objective, const at::Tensor& activation);

/// The objective's mask on the layer's grid, (1,1,h,w) in the accumulation type. Undefined if there is no
/// mask.
at::Tensor layer_mask(const Objective& objective, const at::Tensor& activation);
at::Tensor mask_on_grid(const Objective& objective, std::int64_t height, std::int64_t width,
                        const at::TensorOptions& options);
/// The activation with one row for each position, (P,C), and back to (1,C,h,w) like `activation`. Both are
/// views, because memory is channels-last.
at::Tensor rows_of(const at::Tensor& activation);
at::Tensor map_of(const at::Tensor& rows, const at::Tensor& activation);
/// Multiplies a (n,k) by b (k,m) as a 1x1 convolution, which oneDNN computes. A float32 matmul goes to the
/// installed BLAS, which may be the slow reference one.
at::Tensor product(const at::Tensor& a, const at::Tensor& b);
/// Throws std::invalid_argument unless `target` is (rows, any).
void expect_target(const Objective& objective, std::int64_t rows, const char* kind);

}  // namespace dreamreel::dream
