#include "matte_network.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/cards/find_network.h"
#include "dreamreel/cards/labels.h"
#include "dreamreel/core/error.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/model/device.h"

namespace dreamreel::masking {
namespace {

constexpr std::int64_t kUsualSide = 320;  // px, for a network whose card does not give its own side
constexpr std::int64_t kStep = 32;  // px; sizes are multiples of the stride of most networks' deepest layers

// The largest side, in px, of a picture that windows show. It bounds time and memory.
constexpr std::int64_t kMostSeenSide = 4096;
// The largest factor by which a picture is stretched to a network's only size. Things still look like
// themselves.
constexpr double kMostStretch = 1.5;

std::int64_t rounded(double side) {
  return std::max<std::int64_t>(kStep, std::llround(side / kStep) * kStep);
}

network::Network load_network(const cards::NetworkRef& ref) {
  cards::require_file(ref);
  network::LoadOptions options;
  options.path = ref.path;
  options.scaling = model::input_scaling(ref.input);
  options.layers = cards::class_layers_of(ref);
  options.size = ref.size.value_or(0);
  return network::Network::load(options);
}

std::int64_t channel_of(const job::Mask& mask, const std::string& key) {
  if (mask.class_index) return *mask.class_index;
  try {
    return cards::find_class(*mask.network, mask.class_name);
  } catch (const JobError& error) {
    throw JobError(fmt::format("{}.class: {}", key, error.what()));
  }
}

// The longer side, in px, of the pictures that the network sees.
std::int64_t side_of(const network::Network& network, const cards::NetworkRef& ref) {
  if (const auto& only = network.only_size()) return std::max(only->height, only->width);
  return rounded(ref.side > 0 ? ref.side : kUsualSide);
}

// The positions at which windows of `window` px begin along `length` px. They are evenly spaced, at most half
// a window apart.
std::vector<std::int64_t> starts_of(std::int64_t length, std::int64_t window) {
  const std::int64_t way = length - window, step = std::max<std::int64_t>(1, window / 2);
  const std::int64_t count = (way + step - 1) / step + 1;
  std::vector<std::int64_t> starts;
  for (std::int64_t i = 0; i < count; ++i) starts.push_back(count == 1 ? 0 : way * i / (count - 1));
  return starts;
}

// A Hann window, (H,W), that is nowhere 0.
at::Tensor fade(std::int64_t height, std::int64_t width) {
  const auto along = [](std::int64_t length) {
    return at::hann_window(length + 2, /*periodic=*/false).slice(0, 1, length + 1);
  };
  return along(height).unsqueeze(1) * along(width).unsqueeze(0);
}

}  // namespace

// The size to which a picture is scaled, and the size of the windows through which the network sees it.
struct MatteNetwork::View {
  image::Size size, window;
};

MatteNetwork::MatteNetwork(const job::Mask& mask, const std::string& key)
    : network_(load_network(*mask.network)),
      scales_(network::class_scales(network_, mask.network->path)),
      channel_(channel_of(mask, key)),
      side_(side_of(network_, *mask.network)),
      windows_(mask.windows) {
  if (windows_ > 1 && longest_side() > kMostSeenSide)
    throw JobError(
        fmt::format("{}.windows: expected at most {}, because network {} looks at {} px and frames are "
                    "looked at with up to {} px; got {}",
                    key, kMostSeenSide / side_, mask.network->name, side_, kMostSeenSide, windows_));
  try_it(*mask.network, key);
}

// Runs one pass over a black picture. It tells whether the network can do what is asked, before anything is
// rendered.
void MatteNetwork::try_it(const cards::NetworkRef& ref, const std::string& key) {
  const auto& only = network_.only_size();
  if (!only && network_.min_input_side() > side_)
    throw JobError(
        fmt::format("{}.network: network {} needs pictures of at least {} px, but its card says that it "
                    "looks at {} px (side)",
                    key, ref.name, network_.min_input_side(), side_));
  const at::NoGradGuard no_grad;
  const auto size = only.value_or(network::PictureSize{side_, side_});
  const auto maps = network_.forward(at::zeros({1, 3, size.height, size.width}));
  std::int64_t finest = 0;
  for (const auto& map : maps) {
    if (channel_ >= map.size(1))
      throw JobError(fmt::format("{}.class: network {} has the classes 0 to {}; got {}", key, ref.name,
                                 map.size(1) - 1, channel_));
    finest = std::max({finest, map.size(2), map.size(3)});
  }
  if (finest < 2)
    throw JobError(
        fmt::format("{}.network: network {} rates whole pictures and says nothing about where a class is; "
                    "take one whose classes are maps, such as nanodet",
                    key, ref.name));
  pixels_per_position_ = static_cast<double>(side_) / static_cast<double>(finest);
}

MatteNetwork::View MatteNetwork::view_of(image::Size picture, std::int64_t windows) const {
  const auto height = static_cast<double>(picture.height), width = static_cast<double>(picture.width);
  const double scale = static_cast<double>(side_ * windows) / std::max(height, width);
  const auto& only = network_.only_size();
  if (!only) {
    const image::Size size{rounded(height * scale), rounded(width * scale)};
    return {size, {std::min(side_, size.height), std::min(side_, size.width)}};
  }
  const image::Size window{only->height, only->width};
  if (windows > 1)
    return {{std::max<std::int64_t>(window.height, std::llround(height * scale)),
             std::max<std::int64_t>(window.width, std::llround(width * scale))},
            window};
  const double down = static_cast<double>(window.height), across = static_cast<double>(window.width);
  const double wider = (width / height) / (across / down);
  return {{std::llround(down * std::max(1.0, 1 / (wider * kMostStretch))),
           std::llround(across * std::max(1.0, wider / kMostStretch))},
          window};
}

at::Tensor MatteNetwork::rate_window(const at::Tensor& window) const {
  const image::Size size{window.size(1), window.size(2)};
  const auto ratings = network_.forward(window.unsqueeze(0).contiguous());
  at::Tensor rated;
  for (std::size_t i = 0; i < ratings.size(); ++i) {
    const at::Tensor maps = network::class_probabilities(ratings[i], scales_[i]);
    const at::Tensor at_size = image::resize(maps[channel_].unsqueeze(0).contiguous(), size);
    rated = rated.defined() ? at::maximum(rated, at_size) : at_size;
  }
  return rated;
}

at::Tensor MatteNetwork::rate_through(const at::Tensor& picture, const View& view) const {
  const auto& [size, window] = view;
  const at::Tensor seen = image::resize(picture, size).clamp(0, 1);
  const at::Tensor weight = fade(window.height, window.width);
  const at::Tensor sum = at::zeros({1, size.height, size.width}),
                   weights = at::zeros({1, size.height, size.width});
  for (const auto y : starts_of(size.height, window.height)) {
    for (const auto x : starts_of(size.width, window.width)) {
      const auto part = [y, x, window = window](const at::Tensor& all) {
        return all.narrow(1, y, window.height).narrow(2, x, window.width);
      };
      part(sum).add_(rate_window(part(seen)) * weight);
      part(weights).add_(weight);
    }
  }
  return image::resize(sum / weights, image::Size{picture.size(1), picture.size(2)}).clamp(0, 1);
}

at::Tensor MatteNetwork::rate(const at::Tensor& picture) const {
  const at::NoGradGuard no_grad;
  const image::Size size{picture.size(1), picture.size(2)};
  const at::Tensor whole = rate_through(picture, view_of(size, 1));
  return windows_ > 1 ? at::maximum(whole, rate_through(picture, view_of(size, windows_))) : whole;
}

std::int64_t MatteNetwork::bytes(image::Size picture) const {
  // Float32 values: the scaled picture before and after the clamp, both sums and their quotient, and two maps
  // of the picture's size.
  constexpr std::int64_t kSeen = 9 * sizeof(float), kRated = 2 * sizeof(float);
  const auto [size, window] = view_of(picture, windows_);
  return network_.most_weight_bytes() + network_.pass_bytes(window.height, window.width) +
         size.height * size.width * kSeen + picture.height * picture.width * kRated;
}

}  // namespace dreamreel::masking
