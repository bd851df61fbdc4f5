// One term of an objective, and what the terms of all kinds are computed with.
//
// Rules for the kinds' own headers (objective_linear.h, objective_guide.h, ...): `activation` is (1,C,h,w)
// without autograd. The functions throw std::invalid_argument as evaluate() does.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

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

/// float32, or float64 for a float64 activation.
at::ScalarType accumulation_type(const at::Tensor& activation);
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
