#include "term.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/conv2d.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>

namespace dreamreel::dream {

void Totals::add(const Totals& elsewhere) {
  if (products.defined())
    products.add_(elsewhere.products);
  else
    products = elsewhere.products;
  area += elsewhere.area;
  positions += elsewhere.positions;
}

at::ScalarType accumulation_type(const at::Tensor& activation) {
  return activation.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

std::int64_t cell_at(double at, std::int64_t side) {
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(at * static_cast<double>(side))), 0,
                                  side - 1);
}

void check_channels(const Objective& objective, const at::Tensor& activation) {
  if (objective.channels.empty()) throw std::invalid_argument("evaluate: no channel is given");
  for (const auto channel : objective.channels)
    if (channel < 0 || channel >= activation.size(1))
      throw std::invalid_argument(fmt::format("evaluate: channel {} of {}", channel, activation.size(1)));
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
