#include "dreamreel/flow/reliability.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

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

enum class Verdict { trusted, outside, edge };

Verdict verdict_on(const Field& backward, const Field& forward, std::int64_t x, std::int64_t y) {
  const Vector back = backward.at(x, y);
  const float from_x = static_cast<float>(x) + back.x, from_y = static_cast<float>(y) + back.y;
  const float length = back.squared_length();
  if (!backward.is_inside(from_x, from_y)) return Verdict::outside;
  if (!(backward.squared_gradient(x, y) <= length * 0.01F + 0.002F)) return Verdict::edge;
  const Vector there = forward.between(from_x, from_y);
  const float apart = (back + there).squared_length();
  return apart <= (length + there.squared_length()) * 0.01F + 0.5F ? Verdict::trusted : Verdict::edge;
}

// Where pixels of the previous frame land: (H,W) bytes of 0 and 1. Each covers the four pixels that it lands
// between, so that a picture that grows up to twice its size gets no holes.
at::Tensor landed(const Field& forward) {
  const std::int64_t height = forward.height(), width = forward.width();
  at::Tensor covered = at::zeros({height, width}, at::kByte);
  auto* const places = covered.data_ptr<std::uint8_t>();
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      const Vector flow = forward.at(x, y);
      const float to_x = static_cast<float>(x) + flow.x, to_y = static_cast<float>(y) + flow.y;
      if (!forward.is_inside(to_x, to_y)) continue;
      const auto left = static_cast<std::int64_t>(std::floor(to_x)),
                 top = static_cast<std::int64_t>(std::floor(to_y));
      for (std::int64_t row = std::max<std::int64_t>(top, 0); row <= std::min(top + 1, height - 1); ++row)
        for (std::int64_t column = std::max<std::int64_t>(left, 0); column <= std::min(left + 1, width - 1);
             ++column)
          places[row * width + column] = 1;
    }
  return covered;
}

void soften(at::Tensor& trusted, double soften_px) {
  const int side = 2 * static_cast<int>(std::ceil(3 * soften_px)) + 1;
  cv::Mat map(static_cast<int>(trusted.size(1)), static_cast<int>(trusted.size(2)), CV_32FC1,
              trusted.data_ptr<float>());
  cv::GaussianBlur(map, map, {side, side}, soften_px, soften_px, cv::BORDER_REPLICATE);
  cv::min(map, 1.0, map);
}

}  // namespace

// One pass over the pixels, on one thread. Tensor operators would take three times as long here, because the
// ascent uses the other threads at the same time.
Distrust distrust(const FlowPair& flow) {
  image::expect_chw(flow.prev_from_cur, 2, "reliability: prev_from_cur");
  image::expect_chw(flow.cur_from_prev, 2, "reliability: cur_from_prev");
  if (flow.prev_from_cur.sizes() != flow.cur_from_prev.sizes())
    throw std::invalid_argument("reliability: the two flows differ in size");
  const Field backward(flow.prev_from_cur), forward(flow.cur_from_prev);
  const std::int64_t height = backward.height(), width = backward.width();
  const Distrust maps{at::zeros({1, height, width}), at::zeros({1, height, width}),
                      at::zeros({1, height, width})};
  auto* const outside = maps.outside.data_ptr<float>();
  auto* const uncovered = maps.uncovered.data_ptr<float>();
  auto* const edge = maps.edge.data_ptr<float>();
  const at::Tensor covered = landed(forward);
  const auto* const is_covered = covered.data_ptr<std::uint8_t>();
  for (std::int64_t y = 0, place = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x, ++place) {
      const Verdict verdict = verdict_on(backward, forward, x, y);
      if (verdict == Verdict::outside) outside[place] = 1;
      if (verdict == Verdict::edge) (is_covered[place] == 0 ? uncovered : edge)[place] = 1;
    }
  return maps;
}

at::Tensor reliability(const Distrust& distrust, double soften_px, const DistrustWeights& weights) {
  at::Tensor trusted = (1 - distrust.outside * weights.outside)
                           .sub_(distrust.uncovered, weights.uncovered)
                           .sub_(distrust.edge, weights.edge);
  if (soften_px > 0) soften(trusted, soften_px);
  return trusted;
}

at::Tensor reliability(const FlowPair& flow, double soften_px) {
  return reliability(distrust(flow), soften_px).to(flow.prev_from_cur.device());
}

}  // namespace dreamreel::flow
