#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "dreamreel/flow/flow.h"
#include "dreamreel/image/frame.h"

namespace dreamreel::flow {
namespace {

struct Vector {
  float x = 0, y = 0;
  Vector operator+(Vector other) const { return {x + other.x, y + other.y}; }
  Vector operator-(Vector other) const { return {x - other.x, y - other.y}; }
  Vector operator*(float factor) const { return {x * factor, y * factor}; }
  float squared_length() const { return x * x + y * y; }
};

/// A vector field (2,H,W) on the CPU. Outside the field, its edge is repeated.
class Field {
 public:
  explicit Field(const at::Tensor& tensor)
      : tensor_(tensor.cpu().contiguous()),
        x_(tensor_.data_ptr<float>()),
        y_(x_ + tensor_.size(1) * tensor_.size(2)),
        height_(tensor_.size(1)),
        width_(tensor_.size(2)) {}

  std::int64_t height() const { return height_; }
  std::int64_t width() const { return width_; }

  Vector at(std::int64_t x, std::int64_t y) const {
    const std::int64_t place = y * width_ + x;
    return {x_[place], y_[place]};
  }

  Vector between(float x, float y) const {
    const auto [left, right, share_x] = around(x, width_);
    const auto [above, below, share_y] = around(y, height_);
    const Vector upper = at(left, above) * (1 - share_x) + at(right, above) * share_x;
    const Vector lower = at(left, below) * (1 - share_x) + at(right, below) * share_x;
    return upper * (1 - share_y) + lower * share_y;
  }

  /// |grad u|^2 + |grad v|^2 by central differences.
  float squared_gradient(std::int64_t x, std::int64_t y) const {
    const Vector along_x = at(std::min(x + 1, width_ - 1), y) - at(std::max<std::int64_t>(x - 1, 0), y);
    const Vector along_y = at(x, std::min(y + 1, height_ - 1)) - at(x, std::max<std::int64_t>(y - 1, 0));
    return (along_x.squared_length() + along_y.squared_length()) / 4;
  }

  bool is_inside(float x, float y) const {
    return x >= -0.5F && x <= static_cast<float>(width_) - 0.5F && y >= -0.5F &&
           y <= static_cast<float>(height_) - 0.5F;
  }

 private:
  struct Around {
    std::int64_t before, after;
    float share;
  };
  // Not-a-number goes to the first pixel.
  static Around around(float position, std::int64_t length) {
    const auto last = static_cast<float>(length - 1);
    const float inside = position > 0 ? (position < last ? position : last) : 0;
    const auto before = static_cast<std::int64_t>(inside);
    return {before, std::min(before + 1, length - 1), inside - static_cast<float>(before)};
  }

  at::Tensor tensor_;
  const float *x_, *y_;
  std::int64_t height_, width_;
};

bool is_trusted(const Field& backward, const Field& forward, std::int64_t x, std::int64_t y) {
  const Vector back = backward.at(x, y);
  const float from_x = static_cast<float>(x) + back.x, from_y = static_cast<float>(y) + back.y;
  const float length = back.squared_length();
  if (!backward.is_inside(from_x, from_y) || !(backward.squared_gradient(x, y) <= length * 0.01F + 0.002F))
    return false;
  const Vector there = forward.between(from_x, from_y);
  return (back + there).squared_length() <= (length + there.squared_length()) * 0.01F + 0.5F;
}

}  // namespace

// One pass over the pixels, on one thread. Tensor operators would take three times as long here, because the
// ascent uses the other threads at the same time.
at::Tensor reliability(const FlowPair& flow, double soften_px) {
  image::expect_chw(flow.prev_from_cur, 2, "reliability: prev_from_cur");
  image::expect_chw(flow.cur_from_prev, 2, "reliability: cur_from_prev");
  if (flow.prev_from_cur.sizes() != flow.cur_from_prev.sizes())
    throw std::invalid_argument("reliability: the two flows differ in size");
  const Field backward(flow.prev_from_cur), forward(flow.cur_from_prev);
  const at::Tensor trusted = at::empty({1, backward.height(), backward.width()}, at::kFloat);
  float* out = trusted.data_ptr<float>();
  for (std::int64_t y = 0; y < backward.height(); ++y)
    for (std::int64_t x = 0; x < backward.width(); ++x)
      *out++ = is_trusted(backward, forward, x, y) ? 1.0F : 0.0F;
  if (soften_px > 0) {
    const int side = 2 * static_cast<int>(std::ceil(3 * soften_px)) + 1;
    cv::Mat map(static_cast<int>(backward.height()), static_cast<int>(backward.width()), CV_32FC1,
                trusted.data_ptr<float>());
    cv::GaussianBlur(map, map, {side, side}, soften_px, soften_px, cv::BORDER_REPLICATE);
    cv::min(map, 1.0, map);
  }
  return trusted.to(flow.prev_from_cur.device());
}

}  // namespace dreamreel::flow
