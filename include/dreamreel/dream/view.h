// How one step sees a picture: shifted, turned and scaled at random. Structures that survive all views look
// right anywhere and at any size. (Olah, Mordvintsev, Schubert: "Feature Visualization", Distill 2017.)
#pragma once

#include <ATen/core/Tensor.h>

#include <array>

#include "dreamreel/core/random.h"
#include "dreamreel/dream/ascend.h"

namespace dreamreel::dream {

/// What a shift shows beyond a border: the opposite border (the notebook's roll), or the picture's own mirror
/// image. A roll joins two borders that do not belong together. This does not matter for a dream that only
/// adds motifs. But the Gram matrix of a style counts the seam as a stroke, and the ascent would paint over
/// the borders to remove it.
enum class ViewBorder { rolled, mirrored };

/// Immutable.
class View {
 public:
  /// Turns and scales, then shifts by up to the jitter. `grid`: offsets are rounded towards 0 to multiples of
  /// it, px.
  static View random(const AscentOptions& options, const RandomKey& key, std::int64_t grid,
                     ViewBorder border = ViewBorder::rolled);
  /// The view of pictures that go on behind their borders, of `side` px: rolled by any distance, then turned
  /// and scaled. So no place of the picture is always at the network's edge.
  static View of_torus(const Transforms& transforms, const RandomKey& key, std::int64_t side);

  /// The picture, (C,H,W), or pictures, (N,C,H,W), as this step sees them. Scaling and rotating mirror a
  /// picture beyond its borders.
  at::Tensor apply(const at::Tensor& picture) const;
  /// Converts the gradient to apply()'s result into the gradient to its argument.
  at::Tensor pull_back(const at::Tensor& gradient) const;
  /// Where this step sees a point. Both are fractions of width and height. Not for a torus.
  std::array<double, 2> where(double x, double y, std::int64_t height, std::int64_t width) const;

  bool only_shifts() const { return scale_ == 1 && degrees_ == 0; }
  std::int64_t offset_y() const { return y_; }
  std::int64_t offset_x() const { return x_; }

 private:
  void draw(const Transforms& transforms, const RandomKey& key);
  at::Tensor sampling_grid(const at::Tensor& pictures) const;
  at::Tensor turned(const at::Tensor& picture) const;
  at::Tensor turned_back(const at::Tensor& gradient) const;
  at::Tensor shifted(const at::Tensor& picture) const;
  at::Tensor shifted_back(const at::Tensor& gradient) const;

  std::int64_t y_ = 0, x_ = 0;
  ViewBorder border_ = ViewBorder::rolled;
  bool shifts_first_ = false;
  double scale_ = 1, degrees_ = 0;
};

}  // namespace dreamreel::dream
