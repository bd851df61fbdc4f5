#include "windows.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "cotangents.h"
#include "dreamreel/dream/targets.h"
#include "term.h"
#include "terms_by_kind.h"

namespace dreamreel::dream {
namespace {

constexpr std::int64_t kOverlap = 8;  // neighbours share an eighth: twice a transformer's patch at 224 px

std::vector<Span> window_spans(std::int64_t length, std::int64_t size, double offset) {
  const auto pitch = std::max<std::int64_t>(1, size - std::max<std::int64_t>(1, size / kOverlap));
  const auto last = length - size;
  std::vector<Span> spans;
  for (auto place = -static_cast<std::int64_t>(offset * static_cast<double>(pitch));; place += pitch) {
    const auto begin = std::clamp<std::int64_t>(place, 0, last);
    if (spans.empty() || spans.back().begin != begin) spans.push_back({begin, begin + size, -kFar, kFar});
    if (begin == last) return spans;
  }
}

at::Tensor cut_out(const at::Tensor& map, const Span& rows, const Span& columns) {
  return map.narrow(-2, rows.begin, rows.size()).narrow(-1, columns.begin, columns.size());
}

// The window, (1,3,h,w), enlarged if the network wants a larger picture.
at::Tensor as_seen(const at::Tensor& window, const network::PictureSize& seen) {
  if (window.size(2) == seen.height && window.size(3) == seen.width) return window;
  return at::upsample_bilinear2d(window, {seen.height, seen.width}, /*align_corners=*/false);
}

// The middle of the pixel that contains a point. Both are fractions of the picture; 1 lies in the last pixel.
double middle_of_pixel(double at, std::int64_t length) {
  return (static_cast<double>(cell_at(at, length)) + 0.5) / static_cast<double>(length);
}

// Converts a point from a fraction of the picture to a fraction of the window's axis.
double within(double at, std::int64_t length, const Span& span) {
  return (at * static_cast<double>(length) - static_cast<double>(span.begin)) /
         static_cast<double>(span.size());
}

class WindowedPass {
 public:
  WindowedPass(const network::Network& network, const at::Tensor& picture,
               const std::vector<Objective>& objectives, const Tiling& tiling)
      : network_(network), picture_(picture), objectives_(objectives), tiling_(tiling) {
    for (const auto& objective : objectives)
      masks_.push_back(mask_on_grid(objective, picture.size(2), picture.size(3), picture.options()));
  }

  Gradient run() {
    result_.gradient = at::zeros_like(picture_);
    result_.scale = 0;
    const auto down = shares_of(tiling_.rows, picture_.size(2)),
               right = shares_of(tiling_.columns, picture_.size(3));
    for (std::size_t y = 0; y < tiling_.rows.size(); ++y)
      for (std::size_t x = 0; x < tiling_.columns.size(); ++x)
        climb(tiling_.rows[y], tiling_.columns[x],
              (down[y].unsqueeze(1) * right[x].unsqueeze(0)).to(picture_.options()));
    if (result_.scale == 0) result_.scale = 1;
    return result_;
  }

 private:
  // The objective as it holds in the window; nullopt if it has no effect there.
  std::optional<Objective> seen_in(std::size_t index, const Span& rows, const Span& columns) const {
    Objective objective = objectives_[index];
    if (masks_[index].defined()) {
      objective.mask = cut_out(masks_[index], rows, columns).squeeze(0).contiguous();
      if (objective.mask.max().item<double>() == 0) return {};
    }
    if (objective.kind == Kind::neuron) {
      objective.at_y = within(middle_of_pixel(objective.at_y, picture_.size(2)), picture_.size(2), rows);
      objective.at_x = within(middle_of_pixel(objective.at_x, picture_.size(3)), picture_.size(3), columns);
      const auto is_inside = [](double at) { return at >= 0 && at < 1; };
      if (!is_inside(objective.at_y) || !is_inside(objective.at_x)) return {};
    }
    if (objective.kind == Kind::content) {
      if (!objective.picture.defined())
        throw std::invalid_argument("evaluate: content in windows needs the picture to be near to");
      const auto window = cut_out(objective.picture, rows, columns).unsqueeze(0).to(picture_.options());
      objective.target = forward(window.contiguous(), {objective}).at(objective.layer);
    }
    return objective;
  }

  std::vector<at::Tensor> forward(const at::Tensor& window, const std::vector<Objective>& objectives) const {
    std::vector<bool> needed(network_.layers().size(), false);
    for (const auto& objective : objectives) needed[objective.layer] = true;
    return network_.forward(as_seen(window, *tiling_.seen), needed);
  }

  // The share of the term's value that this window stands for.
  static double part_of(const Objective& objective, const at::Tensor& share, double pixels) {
    if (objective.kind != Kind::neuron) return share.sum().item<double>() / pixels;
    const auto row = cell_at(objective.at_y, share.size(0)), column = cell_at(objective.at_x, share.size(1));
    return share[row][column].item<double>();
  }

  std::vector<Objective> seen_in(const Span& rows, const Span& columns) const {
    const at::NoGradGuard no_grad;
    std::vector<Objective> objectives;
    for (std::size_t i = 0; i < objectives_.size(); ++i)
      if (auto objective = seen_in(i, rows, columns)) objectives.push_back(std::move(*objective));
    return objectives;
  }

  // `share`: (h,w).
  void climb(const Span& rows, const Span& columns, const at::Tensor& share) {
    const auto objectives = seen_in(rows, columns);
    if (objectives.empty()) return;
    const at::Tensor leaf = cut_out(picture_, rows, columns).contiguous().detach().requires_grad_(true);
    const auto activations = forward(leaf, objectives);
    std::vector<Term> terms;
    double largest = 0;
    for (const auto& objective : objectives) {
      terms.push_back(term_of(objective, activations[objective.layer].detach()));
      largest = std::max(largest, std::abs(terms.back().factor));
      const auto pixels = static_cast<double>(picture_.size(2) * picture_.size(3));
      result_.value += terms.back().value * part_of(objective, share, pixels);
    }
    if (largest == 0) return;
    if (result_.scale == 0) result_.scale = 1 / largest;
    Cotangents cotangents;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (terms[i].factor == 0) continue;
      const auto& activation = activations[objectives[i].layer];
      cotangents.add(objectives[i].layer,
                     (terms[i].cotangent * (terms[i].factor / largest)).to(activation.scalar_type()));
    }
    at::Tensor to = cut_out(result_.gradient, rows, columns);
    to.add_(cotangents.pull_back(activations, leaf) * share, largest * result_.scale);
  }

  const network::Network& network_;
  const at::Tensor& picture_;
  const std::vector<Objective>& objectives_;
  const Tiling& tiling_;
  std::vector<at::Tensor> masks_;  // (1,1,H,W)
  Gradient result_;
};

}  // namespace

Tiling place_windows(const network::PictureSize& seen, std::int64_t height, std::int64_t width, double down,
                     double right) {
  const auto fit = [](std::int64_t length, std::int64_t side) {
    return static_cast<double>(length) / static_cast<double>(side);
  };
  const double shown = std::min({1.0, fit(height, seen.height), fit(width, seen.width)});
  const auto side = [shown](std::int64_t seen_side, std::int64_t length) {
    return std::clamp<std::int64_t>(std::llround(shown * static_cast<double>(seen_side)), 1, length);
  };
  Tiling tiling;
  tiling.rows = window_spans(height, side(seen.height, height), down);
  tiling.columns = window_spans(width, side(seen.width, width), right);
  tiling.seen = seen;
  return tiling;
}

std::vector<at::Tensor> shares_of(const std::vector<Span>& spans, std::int64_t length) {
  std::vector<at::Tensor> shares;
  at::Tensor sum = at::zeros({length}, at::kFloat);
  for (const auto& span : spans) {
    const double fade = std::max(1.0, static_cast<double>(span.size()) / kOverlap);
    const at::Tensor place = at::arange(span.size(), at::kFloat) + 0.5;
    const at::Tensor inside = at::minimum(place, static_cast<double>(span.size()) - place);
    shares.push_back((inside / fade).clamp_max(1));
    sum.narrow(0, span.begin, span.size()).add_(shares.back());
  }
  for (std::size_t i = 0; i < spans.size(); ++i)
    shares[i] = shares[i] / sum.narrow(0, spans[i].begin, spans[i].size());
  return shares;
}

Gradient windowed_gradient(const network::Network& network, const at::Tensor& picture,
                           const std::vector<Objective>& objectives, const Tiling& tiling) {
  return WindowedPass(network, picture, objectives, tiling).run();
}

at::Tensor rows_at(const network::Network& network, std::size_t layer, const at::Tensor& picture) {
  if (!network.only_size()) return rows_of(content_target(network, layer, picture));
  const auto tiling = place_windows(*network.only_size(), picture.size(1), picture.size(2), 0, 0);
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> rows;
  for (const auto& row : tiling.rows)
    for (const auto& column : tiling.columns) {
      const at::Tensor window = cut_out(picture.unsqueeze(0).to(at::kFloat), row, column);
      rows.push_back(
          rows_of(content_target(network, layer, as_seen(window.contiguous(), *tiling.seen).squeeze(0))));
    }
  return at::cat(rows);
}

}  // namespace dreamreel::dream
