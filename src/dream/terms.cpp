#include "terms.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/conv2d.h>

#include <sstream>
#include <stdexcept>

namespace dreamreel::dream {

Term term_of(const Objective& objective, const at::Tensor& activation) {
  switch (objective.kind) {
    case Kind::energy:
      return energy_term(objective, activation);
    case Kind::mean:
      return mean_term(objective, activation);
    case Kind::channels:
      return channels_term(objective, activation);
    case Kind::logit:
      return logit_term(objective, activation);
    case Kind::neuron:
      return neuron_term(objective, activation);
    case Kind::guide:
    case Kind::direction:
      return guide_term(objective, activation);
    case Kind::style:
      return style_term(objective, activation, style_totals(objective, activation));
    case Kind::content:
      return content_term(objective, activation);
    case Kind::diversity:
      return diversity_term(objective, activation);
  }
  throw std::invalid_argument("evaluate: unknown kind of objective");
}

bool needs_totals(Kind kind) {
  return kind == Kind::style || kind == Kind::diversity;
}

Totals totals_of(const Objective& objective, const at::Tensor& activation) {
  return objective.kind == Kind::style ? style_totals(objective, activation)
                                       : diversity_totals(objective, activation);
}

void Totals::add(const Totals& elsewhere) {
  if (products.defined())
    products.add_(elsewhere.products);
  else
    products = elsewhere.products;
  area += elsewhere.area;
  positions += elsewhere.positions;
}

Term term_of_part(const Objective& objective, const at::Tensor& activation, const Totals& totals) {
  if (objective.kind == Kind::style) return style_term(objective, activation, totals);
  if (objective.kind == Kind::diversity) return diversity_term(objective, activation, totals);
  return term_of(objective, activation);
}

at::ScalarType accumulation_type(const at::Tensor& activation) {
  return activation.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

at::Tensor layer_mask(const Objective& objective, const at::Tensor& activation) {
  return mask_on_grid(objective, activation.size(2), activation.size(3),
                      activation.options().dtype(accumulation_type(activation)));
}

at::Tensor mask_on_grid(const Objective& objective, std::int64_t height, std::int64_t width,
                        const at::TensorOptions& options) {
  if (!objective.mask.defined()) return {};
  if (objective.mask.dim() != 3 || objective.mask.size(0) != 1)
    throw std::invalid_argument("evaluate: expected a mask of (1,h,w)");
  return at::adaptive_avg_pool2d(objective.mask.unsqueeze(0).to(options), {height, width});
}

at::Tensor rows_of(const at::Tensor& activation) {
  return activation[0].permute({1, 2, 0}).reshape({-1, activation.size(1)});
}

at::Tensor map_of(const at::Tensor& rows, const at::Tensor& activation) {
  return rows.view({1, activation.size(2), activation.size(3), activation.size(1)}).permute({0, 3, 1, 2});
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor weight = a.contiguous().view({a.size(0), a.size(1), 1, 1});
  return at::conv2d(b.contiguous().view({1, b.size(0), b.size(1), 1}), weight).view({a.size(0), b.size(1)});
}

void expect_target(const Objective& objective, std::int64_t rows, const char* kind) {
  const at::Tensor& target = objective.target;
  if (target.defined() && target.dim() >= 1 && target.size(0) == rows) return;
  std::ostringstream text;
  text << "evaluate: expected a target of " << rows << " rows for " << kind << ", found ";
  if (target.defined())
    text << target.sizes();
  else
    text << "none";
  throw std::invalid_argument(text.str());
}

}  // namespace dreamreel::dream
