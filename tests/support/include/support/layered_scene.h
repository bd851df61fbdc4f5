// Pictures of layers that move, turn, grow and hide each other, with the exact motion of every pixel. For
// tests and benchmarks of optical flow that link the module image.
#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <numbers>
#include <tuple>
#include <utility>
#include <vector>

#include "dreamreel/core/random.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/image/warped_noise.h"

namespace dreamreel::test {

/// Where a layer lies: its point q is at (x, y) + growth R(angle) q in the picture, px.
struct Pose {
  double x = 0, y = 0, angle = 0, growth = 1;
};

/// A piece of a plane. Its outline is an ellipse, or, with `teeth`, a gear; a size of 0 has no outline.
struct Layer {
  double width = 0, height = 0;  ///< from the middle to the outline, px
  int teeth = 0;
  Pose start, speed{0, 0, 0, 1};  ///< `speed` is the change in a frame; growth multiplies
  at::Tensor texture;             ///< (3,h,w); the middle of the layer is in its middle

  Pose at(double frame) const {
    return {start.x + frame * speed.x, start.y + frame * speed.y, start.angle + frame * speed.angle,
            start.growth * std::pow(speed.growth, frame)};
  }
};

/// What is exactly known about the step from frame 0 to frame 1. Positions in frame 1.
struct Truth {
  at::Tensor prev_from_cur;  ///< (2,H,W) px
  at::Tensor visible;        ///< (H,W) bool: frame 0 shows the same point
  at::Tensor near_edge;      ///< (H,W) bool: within 8 px of another layer
};

class LayeredScene {
 public:
  /// The last layer is on top. The first one should have no outline.
  LayeredScene(image::Size size, std::vector<Layer> layers) : size_(size), layers_(std::move(layers)) {}

  /// The picture at frame 0 or 1: (3,H,W) in [0,1]. Each pixel is the mean of four samples, with the grain of
  /// a camera (standard deviation of `grain`).
  at::Tensor picture(int frame, double grain = 1.5 / 255) const {
    constexpr std::int64_t kSamples = 2;
    at::Tensor places = image::positions({size_.height * kSamples, size_.width * kSamples}, {}, {}, at::kCPU);
    places = (places + 0.5) / static_cast<double>(kSamples) - 0.5;
    at::Tensor sum = at::zeros({3, places.size(1), places.size(2)});
    for (const auto& layer : layers_) {
      const at::Tensor inside = on_layer(layer, frame, places);
      const at::Tensor middle = point(static_cast<double>(layer.texture.size(2) - 1) / 2,
                                      static_cast<double>(layer.texture.size(1) - 1) / 2);
      const at::Tensor colours = image::resample(layer.texture, inside + middle, image::Border::mirror);
      sum = at::where(is_covered(layer, inside), colours, sum);
    }
    const at::Tensor seen = at::avg_pool2d(sum.unsqueeze(0), kSamples).squeeze(0);
    const RandomKey key{1, frame, 0, 0};
    const at::Tensor noise = image::white_noise(3, size_.height, size_.width, key, Purpose::fresh_noise);
    return (seen + noise * grain).clamp(0, 1);
  }

  Truth truth() const {
    const at::Tensor here = image::positions(size_, {}, {}, at::kCPU);
    const at::Tensor owner = owner_at(1, here);
    at::Tensor there = here;
    for (std::size_t i = 0; i < layers_.size(); ++i)
      there = at::where(owner.eq(static_cast<std::int64_t>(i)),
                        in_picture(layers_[i], 0, on_layer(layers_[i], 1, here)), there);
    const auto within = [](const at::Tensor& position, std::int64_t length) {
      return position.ge(-0.5).logical_and(position.le(static_cast<double>(length) - 0.5));
    };
    const at::Tensor inside = within(there[0], size_.width).logical_and(within(there[1], size_.height));
    return {there - here, inside.logical_and(owner_at(0, there).eq(owner)), near_edge(owner)};
  }

 private:
  static at::Tensor point(double x, double y) { return at::tensor({x, y}, at::kFloat).view({2, 1, 1}); }
  static at::Tensor turned(const at::Tensor& points, double angle) {
    const double cosine = std::cos(angle), sine = std::sin(angle);
    return at::stack({points[0] * cosine - points[1] * sine, points[0] * sine + points[1] * cosine});
  }
  static at::Tensor on_layer(const Layer& layer, int frame, const at::Tensor& places) {
    const Pose pose = layer.at(frame);
    return turned(places - point(pose.x, pose.y), -pose.angle) / pose.growth;
  }
  static at::Tensor in_picture(const Layer& layer, int frame, const at::Tensor& points) {
    const Pose pose = layer.at(frame);
    return turned(points * pose.growth, pose.angle) + point(pose.x, pose.y);
  }
  static at::Tensor is_covered(const Layer& layer, const at::Tensor& points) {
    if (layer.width == 0) return at::ones({points.size(1), points.size(2)}, at::kBool);
    const at::Tensor x = points[0] / layer.width, y = points[1] / layer.height;
    at::Tensor reach = (x * x + y * y).sqrt();
    if (layer.teeth > 0) reach = reach * (1 + 0.25 * (at::atan2(y, x) * layer.teeth).cos());
    return reach.lt(1);
  }
  at::Tensor owner_at(int frame, const at::Tensor& places) const {
    at::Tensor owner = at::zeros({places.size(1), places.size(2)}, at::kLong);
    for (std::size_t i = 0; i < layers_.size(); ++i)
      owner.masked_fill_(is_covered(layers_[i], on_layer(layers_[i], frame, places)),
                         static_cast<std::int64_t>(i));
    return owner;
  }
  static at::Tensor near_edge(const at::Tensor& owner) {
    constexpr std::int64_t kReach = 8, kSide = 2 * kReach + 1;
    const at::Tensor number = owner.to(at::kFloat).unsqueeze(0).unsqueeze(0);
    const auto largest = [](const at::Tensor& map) {
      return at::max_pool2d(map, {kSide, kSide}, {1, 1}, {kReach, kReach}).squeeze(0).squeeze(0);
    };
    return largest(number).ne(-largest(-number));
  }

  image::Size size_;
  std::vector<Layer> layers_;
};

/// Numbers in [low, high] from a seed, one after another.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : seed_(seed) {}
  double between(double low, double high) {
    float draw = 0;
    fill_uniform({&draw, 1}, {seed_, count_++, 0, 0}, Purpose::start_noise);
    return low + (high - low) * double{draw};
  }
  /// A speed in any direction, of `least` to `most` px a frame.
  std::pair<double, double> speed(double least, double most) {
    const double length = between(least, most), angle = between(0, 2 * std::numbers::pi);
    return {length * std::cos(angle), length * std::sin(angle)};
  }
  RandomKey key() { return {seed_, count_++, 0, 0}; }

 private:
  std::uint64_t seed_;
  std::int64_t count_ = 0;
};

/// A texture with detail of every size, hard edges and plain places: (3,h,w). `contrast` is about the
/// standard deviation.
inline at::Tensor drawn_texture(image::Size size, Draws& draws, double contrast = 0.2) {
  const auto noise_of = [&](std::int64_t grain_px) {
    const image::Size small{size.height / grain_px + 2, size.width / grain_px + 2};
    return image::resize(image::white_noise(3, small.height, small.width, draws.key(), Purpose::start_noise),
                         size);
  };
  at::Tensor detail = at::zeros({3, size.height, size.width});
  for (const std::int64_t grain : {3, 6, 12, 24, 48})
    detail += noise_of(grain) * (0.3 + 0.02 * double(grain));
  const at::Tensor patches = noise_of(20).gt(0.3).to(at::kFloat);
  const at::Tensor plain = (noise_of(60).narrow(0, 0, 1) * 1.5 + 0.8).clamp(0.05, 1);
  return ((detail * 0.6 + patches) * plain * contrast + 0.5).clamp(0, 1);
}

/// How a scene moves. Speeds are the least and the most, px a frame.
struct SceneKind {
  const char* name;
  double ground_speed[2], thing_speed[2];
  double most_turn;    ///< degrees a frame
  double most_growth;  ///< share a frame
  double thickness;    ///< height of the things by their width
  double contrast;
};
constexpr SceneKind kSceneKinds[] = {{"drift", {0, 1.5}, {1, 4}, 0.3, 0.003, 0.8, 0.2},
                                     {"turn", {0, 1}, {0, 2}, 4, 0.04, 0.8, 0.2},
                                     {"fast", {4, 10}, {12, 30}, 1, 0.01, 0.8, 0.2},
                                     {"thin", {0, 3}, {3, 8}, 2, 0, 0.06, 0.2},
                                     {"faint", {0, 1.5}, {1, 4}, 0.3, 0.003, 0.8, 0.03}};

/// A ground and four things before it. Textures are drawn, or taken from `photos` in turn.
inline LayeredScene moving_layers(const SceneKind& kind, image::Size size, std::uint64_t seed,
                                  const std::vector<at::Tensor>& photos = {}) {
  constexpr int kThings = 4;
  Draws draws(seed);
  const auto height = static_cast<double>(size.height), width = static_cast<double>(size.width);
  std::vector<Layer> layers;
  for (int i = 0; i <= kThings; ++i) {
    Layer layer;
    const bool is_ground = i == 0;
    const auto& speeds = is_ground ? kind.ground_speed : kind.thing_speed;
    std::tie(layer.speed.x, layer.speed.y) = draws.speed(speeds[0], speeds[1]);
    const double share = is_ground ? 0.2 : 1;  // the ground turns and grows by a fifth of the things' motion
    layer.speed.angle = draws.between(-1, 1) * share * kind.most_turn * std::numbers::pi / 180;
    layer.speed.growth = 1 + draws.between(-1, 1) * share * kind.most_growth;
    layer.start = {draws.between(0.2, 0.8) * width, draws.between(0.2, 0.8) * height, draws.between(0, 6), 1};
    if (is_ground) layer.start.angle = 0;
    if (!is_ground) {
      layer.width = draws.between(0.15, 0.3) * height;
      layer.height = layer.width * kind.thickness;
      layer.teeth = i % 2 == 0 && kind.thickness > 0.5 ? 4 + i : 0;
    }
    const auto index = static_cast<std::size_t>(i) + seed;
    layer.texture = photos.empty()
                        ? drawn_texture({size.height * 3 / 2, size.width * 3 / 2}, draws, kind.contrast)
                        : (photos[index % photos.size()] - 0.5) * (kind.contrast / 0.2) + 0.5;
    layers.push_back(std::move(layer));
  }
  return {size, std::move(layers)};
}

}  // namespace dreamreel::test
