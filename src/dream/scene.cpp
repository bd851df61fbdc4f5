#include "scene.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/roll.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "dreamreel/dream/targets.h"
#include "dreamreel/image/pyramid.h"

namespace dreamreel::dream {
namespace {

constexpr double kLeastCoverage = 1e-3;  // keeps a nearly empty mask from blowing up the step

// Pixels per position of a layer: a power of two in every network in use.
std::int64_t stride(const at::Tensor& activation, const at::Tensor& picture) {
  const double ratio = static_cast<double>(picture.size(1)) /
                       static_cast<double>(std::max<std::int64_t>(1, activation.size(2)));
  return std::int64_t{1} << std::max<std::int64_t>(0, std::llround(std::log2(ratio)));
}

// The mask at another size, averaged over the area of each new position.
at::Tensor resized_by_area(const at::Tensor& mask, std::int64_t height, std::int64_t width) {
  if (mask.size(1) == height && mask.size(2) == width) return mask;
  return at::adaptive_avg_pool2d(mask, {height, width});
}

}  // namespace

Scene::Scene(const Networks& networks, const std::vector<Objective>& objectives, const at::Tensor& base,
             Tilings tilings)
    : networks_(networks), objectives_(objectives), base_(base), tilings_(std::move(tilings)) {
  const auto height = base.size(1), width = base.size(2);
  for (auto& objective : objectives_) {
    if (objective.mask.defined())
      objective.mask = resized_by_area(objective.mask.to(base.device()), height, width);
    if (objective.kind == Kind::style && objective.weight != 0) border_ = ViewBorder::mirrored;
    if (objective.kind != Kind::content || objective.weight == 0) continue;
    objective.picture =
        objective.picture.defined() ? image::resize(objective.picture, {height, width}).clamp(0, 1) : base;
    if (networks_[objective.network].only_size()) continue;  // each of its windows has a target of its own
    objective.target = content_of(objective, objective.picture);
    grid_ = std::max(grid_, stride(objective.target, base));
  }
  measure();
}

void Scene::measure() {
  at::Tensor covered;
  bool everywhere = false;
  only_neurons_ = true;
  for (const auto& objective : objectives_) {
    if (objective.weight == 0) continue;
    only_neurons_ = only_neurons_ && objective.kind == Kind::neuron;
    everywhere = everywhere || !objective.mask.defined();
    if (objective.mask.defined())
      covered = covered.defined() ? at::maximum(covered, objective.mask) : objective.mask;
  }
  if (!everywhere && covered.defined()) coverage_ = std::max(covered.mean().item<double>(), kLeastCoverage);
}

std::vector<Objective> Scene::seen_through(const View& view) const {
  std::vector<Objective> seen;
  for (Objective objective : objectives_) {
    if (objective.weight == 0) continue;
    if (objective.mask.defined()) objective.mask = view.apply(objective.mask);
    if (objective.kind == Kind::neuron) {
      const auto [x, y] = view.where(objective.at_x, objective.at_y, base_.size(1), base_.size(2));
      objective.at_x = x;
      objective.at_y = y;
    }
    if (objective.kind == Kind::content) objective = with_content(std::move(objective), view);
    seen.push_back(std::move(objective));
  }
  if (seen.empty()) seen.push_back(objectives_.front());  // it has weight 0, but evaluate() needs one
  return seen;
}

at::Tensor Scene::content_of(const Objective& objective, const at::Tensor& picture) const {
  const auto& network = networks_[objective.network];
  if (tilings_.empty()) return content_target(network, objective.layer, picture);
  return activation_of(network, objective.layer, picture, tilings_.at(objective.network));
}

Objective Scene::with_content(Objective objective, const View& view) const {
  if (networks_[objective.network].only_size()) {
    objective.picture = view.apply(objective.picture);
    return objective;
  }
  if (!view.only_shifts() || border_ == ViewBorder::mirrored) {
    objective.target = content_of(objective, view.apply(objective.picture));
    return objective;
  }
  if (view.offset_y() == 0 && view.offset_x() == 0) return objective;
  const auto step = stride(objective.target, base_);
  objective.target = at::roll(objective.target, {view.offset_y() / step, view.offset_x() / step}, {-2, -1});
  const at::Tensor uncut = uncut_area(view);
  objective.mask = objective.mask.defined() ? objective.mask * uncut : uncut;
  return objective;
}

// 1 where rolled features fit, 0 elsewhere. They do not fit in the strips that come in on the other side.
// Beside these strips and along the edges the network sees other neighbours than before, so they do not fit
// there for the width of a position.
at::Tensor Scene::uncut_area(const View& view) const {
  const auto height = base_.size(1), width = base_.size(2);
  at::Tensor area = at::ones({1, height, width}, base_.options());
  const auto cut = [&](std::int64_t dim, std::int64_t offset, std::int64_t length) {
    if (offset == 0) return;
    const auto from = std::max<std::int64_t>(0, offset > 0 ? 0 : length + offset - grid_);
    const auto to = std::min(length, offset > 0 ? offset + grid_ : length);
    area.narrow(dim, from, to - from).zero_();
    const auto margin = std::min(grid_, length);
    area.narrow(dim, 0, margin).zero_();
    area.narrow(dim, length - margin, margin).zero_();
  };
  cut(1, view.offset_y(), height);
  cut(2, view.offset_x(), width);
  return area;
}

}  // namespace dreamreel::dream
