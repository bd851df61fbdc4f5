#include "dreamreel/study/class_ratings.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/model/device.h"
#include "dreamreel/network/class_probabilities.h"
#include "dreamreel/network/network.h"
#include "whole_view.h"

namespace dreamreel::study {
namespace {

at::Tensor first_picture(const std::filesystem::path& path) {
  media::ReaderOptions options;
  options.path = path;
  const auto frame = media::Reader(options).next();
  if (!frame) throw InputError(path.string() + ": no picture could be decoded");
  return frame->rgb;
}

// Raises the ratings of classes that are rated higher here.
void take_in(std::vector<ClassRating>& ratings, const at::Tensor& map, double scale) {
  const auto height = map.size(1), width = map.size(2);
  const auto [values, places] = map.reshape({map.size(0), -1}).max(1);
  for (auto i = static_cast<std::int64_t>(ratings.size()); i < map.size(0); ++i) ratings.push_back({i, -1});
  for (std::int64_t i = 0; i < map.size(0); ++i) {
    auto& rating = ratings[static_cast<std::size_t>(i)];
    const double value = values[i].item<double>();
    if (value <= rating.probability) continue;
    const auto place = places[i].item<std::int64_t>();
    rating.probability = value;
    const std::int64_t row = place / width, column = place % width;
    rating.x = (static_cast<double>(column) + 0.5) / static_cast<double>(width);
    rating.y = (static_cast<double>(row) + 0.5) / static_cast<double>(height);
    rating.scale = scale;
  }
}

image::Size scaled(const at::Tensor& picture, double scale) {
  const auto side = [scale](std::int64_t length) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(length) * scale));
  };
  return {side(picture.size(1)), side(picture.size(2))};
}

std::vector<ClassRating> ratings_of(const cards::NetworkRef& ref, const at::Tensor& picture) {
  network::LoadOptions load;
  load.path = ref.path;
  load.scaling = model::input_scaling(ref.input);
  load.layers = cards::class_layers_of(ref);
  load.size = ref.size.value_or(0);
  const auto network = network::Network::load(load);
  const auto scales = network::class_scales(network, ref.path);
  const at::NoGradGuard no_grad;
  std::vector<ClassRating> ratings;
  const auto take = [&](const std::vector<at::Tensor>& activations, double scale) {
    for (std::size_t i = 0; i < activations.size(); ++i)
      take_in(ratings, network::class_probabilities(activations[i], scales[i]), scale);
  };
  if (network.only_size()) {
    take(forward_whole(network, picture.unsqueeze(0)), 1);
    return ratings;
  }
  for (const double scale : kRatingScales) {
    const auto size = scaled(picture, scale);
    if (std::min(size.height, size.width) < network.min_input_side()) continue;
    take(network.forward(image::resize(picture, size).clamp(0, 1).unsqueeze(0)), scale);
  }
  if (ratings.empty())
    throw JobError(
        fmt::format("a picture of {}x{} is too small for the class layers of network {}, which need {} px",
                    picture.size(2), picture.size(1), ref.name, network.min_input_side()));
  return ratings;
}

}  // namespace

std::vector<ClassRating> rate_classes(const cards::NetworkRef& network, const std::filesystem::path& image) {
  if (cards::class_layers_of(network).empty())
    throw JobError(
        fmt::format("the card of network {} names neither layers of classes nor labels; take a network whose "
                    "card does, such as oid or nanodet",
                    network.name));
  return image::with_torch_errors([&] {
    auto ratings = ratings_of(network, first_picture(image));
    std::ranges::stable_sort(ratings, std::ranges::greater(), &ClassRating::probability);
    return ratings;
  });
}

}  // namespace dreamreel::study
