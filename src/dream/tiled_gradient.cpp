#include "tiled_gradient.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cotangents.h"
#include "term.h"
#include "terms_by_kind.h"

namespace dreamreel::dream {
namespace {

// The part of an objective that lies in a tile.
struct Part {
  std::size_t index = 0;  // of the objective
  Objective objective;    // mask, content and neuron are relative to the part
  Positions y, x;
  double share = 1;  // of the layer's positions

  at::Tensor of(const at::Tensor& map) const {
    return map.narrow(2, y.offset, y.count).narrow(3, x.offset, x.count);
  }
};

// Converts `at` from the whole layer to the part. False if the cell lies outside the part.
bool enters(double& at, const Positions& part, std::int64_t positions) {
  const auto position = cell_at(at, positions) - part.begin;
  at = (static_cast<double>(position) + 0.5) / static_cast<double>(part.count);
  return position >= 0 && position < part.count;
}

class TiledPass {
 public:
  TiledPass(const network::Network& network, const at::Tensor& picture,
            const std::vector<Objective>& objectives, const Tiling& tiling)
      : network_(network), picture_(picture), objectives_(objectives), tiling_(tiling) {
    for (const auto& objective : objectives) {
      const auto& field = tiling.fields.at(objective.layer);
      masks_.push_back(mask_on_grid(objective, field.y.positions, field.x.positions, picture.options()));
    }
  }

  Gradient run() {
    totals_.resize(objectives_.size());
    whole_values_.resize(objectives_.size(), 0);
    if (std::ranges::any_of(objectives_, [](const auto& objective) { return needs_totals(objective.kind); }))
      for_each_tile([this](const Span& rows, const Span& columns) { sum_up(rows, columns); });
    result_.gradient = at::zeros_like(picture_);
    result_.scale = 0;
    for_each_tile([this](const Span& rows, const Span& columns) { climb(rows, columns); });
    for (const double value : whole_values_) result_.value += value;
    if (result_.scale == 0) result_.scale = 1;
    return result_;
  }

 private:
  template <typename Visit>
  void for_each_tile(Visit visit) const {
    for (const auto& rows : tiling_.rows)
      for (const auto& columns : tiling_.columns) visit(rows, columns);
  }

  at::Tensor window(const at::Tensor& picture, const Span& rows, const Span& columns) const {
    return picture.narrow(2, rows.begin, rows.size()).narrow(3, columns.begin, columns.size());
  }

  // The parts of the objectives that lie in the core of a tile, or in its whole window.
  std::vector<Part> parts_in(const Span& rows, const Span& columns, bool in_window) const {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < objectives_.size(); ++i) {
      const auto& field = tiling_.fields.at(objectives_[i].layer);
      Part part{i, objectives_[i], core_positions(field.y, rows), core_positions(field.x, columns)};
      if (in_window) {
        part.y = window_positions(field.y, rows, picture_.size(2));
        part.x = window_positions(field.x, columns, picture_.size(3));
      }
      if (part.y.count > 0 && part.x.count > 0 && cut(part, field)) parts.push_back(part);
    }
    return parts;
  }

  bool cut(Part& part, const network::LayerField& field) const {
    auto& objective = part.objective;
    const auto cut_out = [&](const at::Tensor& map) {
      return map.narrow(2, part.y.begin, part.y.count).narrow(3, part.x.begin, part.x.count);
    };
    if (objective.kind == Kind::neuron) {
      const bool is_here = enters(objective.at_y, part.y, field.y.positions);
      if (!enters(objective.at_x, part.x, field.x.positions) || !is_here) return false;
    } else if (!needs_totals(objective.kind)) {
      part.share = static_cast<double>(part.y.count * part.x.count) /
                   static_cast<double>(field.y.positions * field.x.positions);
    }
    if (const auto& mask = masks_[part.index]; mask.defined()) {
      objective.mask = cut_out(mask).squeeze(0).contiguous();
      if (objective.mask.max().item<double>() == 0) return false;
    }
    if (objective.kind == Kind::content) objective.target = cut_out(objective.target);
    return true;
  }

  std::vector<at::Tensor> forward(const at::Tensor& leaf, const std::vector<Part>& parts) const {
    std::vector<bool> needed(network_.layers().size(), false);
    for (const auto& part : parts) needed[part.objective.layer] = true;
    return network_.forward(leaf, needed);
  }

  void sum_up(const Span& rows, const Span& columns) {
    auto parts = parts_in(rows, columns, false);
    std::erase_if(parts, [](const Part& part) { return !needs_totals(part.objective.kind); });
    if (parts.empty()) return;
    const at::NoGradGuard no_grad;
    const auto activations = forward(window(picture_, rows, columns).contiguous(), parts);
    for (const auto& part : parts) {
      const auto& field = tiling_.fields[part.objective.layer];
      auto& totals = totals_[part.index];
      totals.add(totals_of(part.objective, part.of(activations[part.objective.layer])));
      totals.positions = static_cast<double>(field.y.positions * field.x.positions);
      if (!part.objective.mask.defined()) totals.area = totals.positions;
    }
  }

  Term term_of(const Part& part, const std::vector<at::Tensor>& activations) const {
    Term term = term_of_part(part.objective, part.of(activations[part.objective.layer].detach()),
                             totals_[part.index]);
    term.factor *= part.share;
    return term;
  }

  void add_value(const Part& part, const Term& term) {
    if (needs_totals(part.objective.kind))
      whole_values_[part.index] = term.value;
    else
      result_.value += term.value * part.share;
  }

  void climb(const Span& rows, const Span& columns) {
    const auto parts = parts_in(rows, columns, tiling_.is_exact);
    if (parts.empty()) return;
    const at::Tensor leaf = window(picture_, rows, columns).contiguous().detach().requires_grad_(true);
    const auto activations = forward(leaf, parts);
    if (tiling_.is_exact)
      for (const auto& part : parts_in(rows, columns, false)) add_value(part, term_of(part, activations));
    std::vector<Term> terms;
    double largest = 0;
    for (const auto& part : parts) {
      terms.push_back(term_of(part, activations));
      if (!tiling_.is_exact) add_value(part, terms.back());
      largest = std::max(largest, std::abs(terms.back().factor));
    }
    if (largest == 0) return;
    if (result_.scale == 0) result_.scale = 1 / largest;

    Cotangents cotangents;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (terms[i].factor == 0) continue;
      const auto layer = parts[i].objective.layer;
      at::Tensor cotangent = at::zeros_like(activations[layer]);
      parts[i].of(cotangent).copy_(terms[i].cotangent * (terms[i].factor / largest));
      cotangents.add(layer, cotangent);
      terms[i].cotangent.reset();
    }
    add_gradient(cotangents.pull_back(activations, leaf), rows, columns, largest * result_.scale);
  }

  void add_gradient(const at::Tensor& gradient, const Span& rows, const Span& columns, double factor) {
    at::Tensor to = window(result_.gradient, rows, columns);
    if (!tiling_.is_exact) {
      to.add_(gradient, factor);
      return;
    }
    const auto [top, bottom] = core_pixels(rows);
    const auto [left, right] = core_pixels(columns);
    const auto core = [&, top = top, bottom = bottom, left = left, right = right](const at::Tensor& map) {
      return map.narrow(2, top - rows.begin, bottom - top).narrow(3, left - columns.begin, right - left);
    };
    core(to).add_(core(gradient), factor);
  }

  const network::Network& network_;
  const at::Tensor& picture_;
  const std::vector<Objective>& objectives_;
  const Tiling& tiling_;
  std::vector<at::Tensor> masks_;     // on the layers' grids, for the whole picture
  std::vector<Totals> totals_;        // of the objectives that need them
  std::vector<double> whole_values_;  // of the same objectives
  Gradient result_;
};

}  // namespace

Gradient tiled_gradient(const network::Network& network, const at::Tensor& picture,
                        const std::vector<Objective>& objectives, const Tiling& tiling) {
  return TiledPass(network, picture, objectives, tiling).run();
}

}  // namespace dreamreel::dream
