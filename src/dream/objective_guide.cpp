#include "objective_guide.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/ones_like.h>

namespace dreamreel::dream {
namespace {

constexpr double kSmallestSquare = 1e-12;  // a position with only zeros has no direction

// For each row of (P,C), the column of (C,G) with the largest dot product, as rows (P,C). (1,C) if there is
// only one column.
at::Tensor best_columns(const at::Tensor& rows, const at::Tensor& columns) {
  if (columns.size(1) == 1) return columns.t();
  return columns.t().index_select(0, product(rows, columns).argmax(1));
}

}  // namespace

// With d = a.g, n = |a| and c = d/(n |g|), the term of a position is d max(0,c)^s. Its derivative is c^s
// ((s+1) g - s d/n^2 a).
Term guide_term(const Objective& objective, const at::Tensor& activation) {
  expect_target(objective, activation.size(1), "guide or direction");
  const at::Tensor rows = rows_of(activation);
  const auto type = accumulation_type(activation);
  const at::Tensor goal = best_columns(rows, objective.target.to(rows.scalar_type())).to(type);
  const at::Tensor wide = rows.to(type);
  const at::Tensor dot = (wide * goal).sum(1, true);  // (P,1)

  at::Tensor strength = at::ones_like(dot);
  at::Tensor pull = goal.expand_as(wide);
  if (objective.selectivity > 0) {
    const double s = objective.selectivity;
    const at::Tensor squared = wide.square().sum(1, true).clamp_min(kSmallestSquare);
    const at::Tensor cosine = dot / (squared * goal.square().sum(1, true).clamp_min(kSmallestSquare)).sqrt();
    strength = cosine.clamp_min(0).pow(s);
    pull = goal * (s + 1) - wide * (dot / squared * s);
  }
  if (const at::Tensor mask = layer_mask(objective, activation); mask.defined())
    strength = strength * mask.view({-1, 1});
  Term term;
  term.factor = objective.weight / static_cast<double>(activation.numel());
  term.value = term.factor * (dot * strength).sum().item<double>();
  term.cotangent = map_of((pull * strength).contiguous(), activation);
  return term;
}

}  // namespace dreamreel::dream
