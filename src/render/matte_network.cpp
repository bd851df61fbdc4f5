#include "matte_network.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/core/error.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/job/labels.h"
#include "dreamreel/network/class_probabilities.h"
#include "dreamreel/render/resolve.h"

namespace dreamreel::render {
namespace {

constexpr std::int64_t kUsualSide = 320;  // px, of a network whose card does not say its own
constexpr std::int64_t kStep =
    32;  // px, the stride of most networks' deepest layers, which sizes are multiples of

std::int64_t rounded(double side) {
  return std::max<std::int64_t>(kStep, std::llround(side / kStep) * kStep);
}

network::Network load(const job::NetworkRef& ref) {
  job::require_file(ref);
  network::LoadOptions options;
  options.path = ref.path;
  options.scaling = input_scaling(ref.input);
  options.layers = ref.class_layers;
  return network::Network::load(options);
}

std::int64_t channel_of(const job::Mask& mask, const std::string& key) {
  if (mask.class_index) return *mask.class_index;
  try {
    return job::find_class(*mask.network, mask.class_name);
  } catch (const JobError& error) {
    throw JobError(key + ".class: " + error.what());
  }
}

// Where windows of `window` px begin along `length` px: evenly spaced, at most half a window apart.
std::vector<std::int64_t> starts_of(std::int64_t length, std::int64_t window) {
  const std::int64_t way = length - window, step = std::max<std::int64_t>(1, window / 2);
  const std::int64_t count = (way + step - 1) / step + 1;
  std::vector<std::int64_t> starts;
  for (std::int64_t i = 0; i < count; ++i) starts.push_back(count == 1 ? 0 : way * i / (count - 1));
  return starts;
}

// A Hann window that is nowhere 0, (H,W).
at::Tensor fade(std::int64_t height, std::int64_t width) {
  const auto along = [](std::int64_t length) {
    return at::hann_window(length + 2, /*periodic=*/false).slice(0, 1, length + 1);
  };
  return along(height).unsqueeze(1) * along(width).unsqueeze(0);
}

}  // namespace

MatteNetwork::MatteNetwork(const job::Mask& mask, const std::string& key)
    : network_(load(*mask.network)),
      channel_(channel_of(mask, key)),
      side_(rounded(mask.network->side > 0 ? mask.network->side : kUsualSide)),
      windows_(mask.windows) {
  try_it(*mask.network, key);
}

// One pass over nothing tells whether the network can do what is asked, before anything is rendered.
void MatteNetwork::try_it(const job::NetworkRef& ref, const std::string& key) {
  if (const auto only = network_.only_size())
    throw JobError(key + ".network: network " + ref.name + " runs at " + std::to_string(only->width) + "x" +
                   std::to_string(only->height) +
                   " alone; masks need one that takes pictures of any size, such as selfie or nanodet");
  if (network_.min_input_side() > side_)
    throw JobError(key + ".network: network " + ref.name + " needs pictures of at least " +
                   std::to_string(network_.min_input_side()) + " px, but its card says that it looks at " +
                   std::to_string(side_) + " px (side)");
  const at::NoGradGuard no_grad;
  const auto maps = network_.forward(at::zeros({1, 3, side_, side_}));
  std::int64_t finest = 0;
  for (const auto& map : maps) {
    if (channel_ >= map.size(1))
      throw JobError(key + ".class: network " + ref.name + " has the classes 0 to " +
                     std::to_string(map.size(1) - 1) + "; got " + std::to_string(channel_));
    finest = std::max(finest, map.size(3));
  }
  if (finest < 2)
    throw JobError(key + ".network: network " + ref.name +
                   " rates whole pictures and says nothing about where a class is; take one whose classes "
                   "are maps, such "
                   "as nanodet");
  pixels_per_position_ = static_cast<double>(side_) / static_cast<double>(finest);
}

at::Tensor MatteNetwork::rate_window(const at::Tensor& window) const {
  const image::Size size{window.size(1), window.size(2)};
  at::Tensor rated;
  for (const auto& ratings : network_.forward(window.unsqueeze(0).contiguous())) {
    const at::Tensor map = network::class_probabilities(ratings)[channel_].unsqueeze(0).contiguous();
    const at::Tensor at_size = image::resize(map, size);
    rated = rated.defined() ? at::maximum(rated, at_size) : at_size;
  }
  return rated;
}

at::Tensor MatteNetwork::rate_whole(const at::Tensor& picture, std::int64_t longer_side) const {
  const std::int64_t height = picture.size(1), width = picture.size(2);
  const double scale = static_cast<double>(longer_side) / static_cast<double>(std::max(height, width));
  const image::Size size{rounded(static_cast<double>(height) * scale),
                         rounded(static_cast<double>(width) * scale)};
  const image::Size window{std::min(side_, size.height), std::min(side_, size.width)};
  const at::Tensor seen = image::resize(picture, size).clamp(0, 1);
  const at::Tensor weight = fade(window.height, window.width);
  const at::Tensor sum = at::zeros({1, size.height, size.width}),
                   weights = at::zeros({1, size.height, size.width});
  for (const auto y : starts_of(size.height, window.height)) {
    for (const auto x : starts_of(size.width, window.width)) {
      const auto part = [&](const at::Tensor& all) {
        return all.narrow(1, y, window.height).narrow(2, x, window.width);
      };
      part(sum).add_(rate_window(part(seen)) * weight);
      part(weights).add_(weight);
    }
  }
  return image::resize(sum / weights, image::Size{height, width}).clamp(0, 1);
}

at::Tensor MatteNetwork::rate(const at::Tensor& picture) const {
  const at::NoGradGuard no_grad;
  const at::Tensor whole = rate_whole(picture, side_);
  return windows_ > 1 ? at::maximum(whole, rate_whole(picture, side_ * windows_)) : whole;
}

}  // namespace dreamreel::render
