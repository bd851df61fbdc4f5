// The objectives of one octave, and their form for a step that sees the picture through a View.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/dream/view.h"
#include "tiles.h"

namespace dreamreel::dream {

class Scene {
 public:
  /// `base`: (3,H,W), the octave's base picture. `tilings` are the octave's; empty: no tiles.
  Scene(const Networks& networks, const std::vector<Objective>& objectives, const at::Tensor& base,
        Tilings tilings = {});

  /// The grid to which View::random() has to round offsets, px; 1 for any. Content that is computed once an
  /// octave fits only on the layer's grid. Beside a style, content is computed in every step, because jitter
  /// on a grid would make the grid visible.
  std::int64_t grid() const { return border_ == ViewBorder::mirrored ? 1 : grid_; }
  /// What View::random() has to show beyond a border: a style would notice a seam.
  ViewBorder border() const { return border_; }
  std::vector<Objective> seen_through(const View& view) const;

  /// The share of the picture that has something to climb, above 0; 1 without masks.
  double coverage() const { return coverage_; }
  /// Whether only neurons have a weight.
  bool only_neurons() const { return only_neurons_; }

 private:
  void measure();
  at::Tensor content_of(const Objective& objective, const at::Tensor& picture) const;
  Objective with_content(Objective objective, const View& view) const;
  at::Tensor uncut_area(const View& view) const;

  const Networks& networks_;
  std::vector<Objective> objectives_;
  at::Tensor base_;
  Tilings tilings_;
  std::int64_t grid_ = 1;
  ViewBorder border_ = ViewBorder::rolled;
  double coverage_ = 1;
  bool only_neurons_ = false;
};

}  // namespace dreamreel::dream
