#include "objective_style.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <stdexcept>

namespace dreamreel::dream {
namespace {

constexpr double kSmallestNorm = 1e-12;  // a channel that is never active resembles no other

// The type of the two products with C x C numbers. A bfloat16 network uses bfloat16, which is up to 30 times
// as fast as float32 if the CPU supports it. This rounds G by 0.15 % (sums are float32 inside). All others
// use the accumulation type.
at::ScalarType product_type(const at::Tensor& activation) {
  return activation.scalar_type() == at::kBFloat16 ? at::kBFloat16 : accumulation_type(activation);
}

}  // namespace

Totals style_totals(const Objective& objective, const at::Tensor& activation) {
  expect_target(objective, activation.size(1), "style");
  const auto type = product_type(activation);
  const at::Tensor rows = rows_of(activation).to(type);
  const at::Tensor mask = layer_mask(objective, activation);
  const auto positions = static_cast<double>(rows.size(0));
  if (!mask.defined())
    return {product(rows.t(), rows).to(accumulation_type(activation)), positions, positions};
  const at::Tensor weighted = rows * mask.view({-1, 1}).to(type);
  return {product(weighted.t(), rows).to(accumulation_type(activation)), mask.sum().item<double>(),
          positions};
}

// G = A^T M A / sum m. With D = G - T, d(1/2 |D|^2)/d a_p = 2/(sum m) m_p D a_p. This is multiplied by
// mean(m) = sum m / P.
Term style_term(const Objective& objective, const at::Tensor& activation, const Totals& totals) {
  const auto channels = activation.size(1);
  expect_target(objective, channels, "style");
  const auto type = accumulation_type(activation), short_type = product_type(activation);
  const at::Tensor rows = rows_of(activation).to(short_type);
  const at::Tensor mask = layer_mask(objective, activation);
  const at::Tensor weighted = mask.defined() ? rows * mask.view({-1, 1}).to(short_type) : rows;
  Term term;
  if (totals.area <= 0) return {0, 0, weighted};

  const at::Tensor target = objective.target.to(type);
  const at::Tensor difference = totals.products.div(totals.area).sub_(target);
  const double norm = std::max(target.norm().item<double>(), kSmallestNorm);
  const double distance = difference.square().sum().item<double>();
  term.value = -objective.weight * (totals.area / totals.positions) * 0.5 * distance /
               (static_cast<double>(channels) * norm);
  term.factor = -2 * objective.weight / (static_cast<double>(channels) * totals.positions * norm);
  term.cotangent = map_of(product(weighted, difference.to(short_type)), activation);
  return term;
}

Term content_term(const Objective& objective, const at::Tensor& activation) {
  if (!objective.target.defined() || objective.target.sizes() != activation.sizes())
    throw std::invalid_argument("evaluate: the content is not of the activation's size");
  const auto type = accumulation_type(activation);
  at::Tensor difference = activation.to(type) - objective.target.to(type);
  const at::Tensor mask = layer_mask(objective, activation);
  const at::Tensor weighted = mask.defined() ? difference * mask : difference;
  Term term;
  term.factor = -objective.weight / static_cast<double>(activation.numel());
  term.value = term.factor * 0.5 * (difference * weighted).sum().item<double>();
  term.cotangent = weighted;
  return term;
}

namespace {

at::Tensor flat(const at::Tensor& mask) {
  return mask.defined() ? mask.view({-1, 1}) : mask;
}

// With u_i = a_i/|a_i| (norms weighted by the mask) and S = sum u_i, the sum over i != j of u_i.u_j is |S|^2
// minus one for every active channel. Its derivative by a_i is 2 m (S - u_i (u_i.S)) / |a_i|. `norm` is |a_i|
// and `along` is u_i.S, each (1,C) over all `positions`.
Term diversity_of(const Objective& objective, const at::Tensor& activation, const at::Tensor& norm,
                  const at::Tensor& along, double positions) {
  const auto type = accumulation_type(activation);
  const at::Tensor mask = flat(layer_mask(objective, activation));
  const at::Tensor fires = (norm > kSmallestNorm).to(type);
  const at::Tensor inverse = fires / norm.clamp_min(kSmallestNorm);
  const at::Tensor unit = rows_of(activation).to(type) * inverse;  // (P,C)
  const double channels = static_cast<double>(std::max<std::int64_t>(2, activation.size(1)));
  Term term;
  term.value = -objective.weight / (channels * (channels - 1)) * (along - fires).sum().item<double>();
  at::Tensor pull = (unit.sum(1, true) - unit * along) * inverse;
  if (mask.defined()) pull = pull * mask;
  // |a_i| is about sqrt(P). Both factors are taken out here, so that the cotangent has the size of
  // activations.
  term.factor = -2 * objective.weight / (channels * (channels - 1) * positions);
  term.cotangent = map_of((pull * positions).contiguous(), activation);
  return term;
}

}  // namespace

Term diversity_term(const Objective& objective, const at::Tensor& activation) {
  const auto type = accumulation_type(activation);
  const at::Tensor rows = rows_of(activation).to(type);  // (P,C)
  const at::Tensor mask = flat(layer_mask(objective, activation));
  const auto sum_of_positions = [&mask](const at::Tensor& products) {
    return (mask.defined() ? products * mask : products).sum(0, true);
  };
  const at::Tensor norm = sum_of_positions(rows.square()).sqrt();
  const at::Tensor unit = rows * ((norm > kSmallestNorm).to(type) / norm.clamp_min(kSmallestNorm));
  const at::Tensor along = sum_of_positions(unit * unit.sum(1, true));
  return diversity_of(objective, activation, norm, along, static_cast<double>(rows.size(0)));
}

Totals diversity_totals(const Objective& objective, const at::Tensor& activation) {
  const at::Tensor rows = rows_of(activation).to(accumulation_type(activation));
  const at::Tensor mask = flat(layer_mask(objective, activation));
  const auto positions = static_cast<double>(rows.size(0));
  const at::Tensor weighted = mask.defined() ? rows * mask : rows;
  return {product(weighted.t(), rows), positions, positions};
}

// |a_i|^2 is the diagonal of the products, and u_i.S is a sum over one of their rows.
Term diversity_term(const Objective& objective, const at::Tensor& activation, const Totals& totals) {
  const at::Tensor norm = totals.products.diagonal().clamp_min(0).sqrt().unsqueeze(0);
  const at::Tensor inverse = (norm > kSmallestNorm).to(norm.scalar_type()) / norm.clamp_min(kSmallestNorm);
  const at::Tensor along = (totals.products * inverse.t() * inverse).sum(0, true);
  return diversity_of(objective, activation, norm, along, totals.positions);
}

}  // namespace dreamreel::dream
