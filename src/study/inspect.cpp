#include "dreamreel/study/inspect.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "activity.h"
#include "dreamreel/cards/labels.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/model/device.h"
#include "dreamreel/network/class_probabilities.h"
#include "whole_view.h"

namespace dreamreel::study {
namespace {

constexpr std::int64_t kTwins = 3;  // number of shapeless twins that make the baseline

at::Tensor batch_of_first_frame(const std::filesystem::path& path) {
  media::ReaderOptions options;
  options.path = path;
  const auto frame = media::Reader(options).next();
  if (!frame) throw InputError(path.string() + ": no picture could be decoded");
  return frame->rgb.unsqueeze(0);
}

// Finds the place where `map` is largest; ignores maps other than (h,w).
template <typename Activity>
void find_peak(const at::Tensor& map, Activity& activity) {
  if (map.dim() != 2) return;
  const auto width = map.size(1), peak = map.argmax().item<std::int64_t>();
  const std::int64_t row = peak / width, column = peak % width;
  activity.y = (static_cast<double>(row) + 0.5) / static_cast<double>(map.size(0));
  activity.x = (static_cast<double>(column) + 0.5) / static_cast<double>(width);
}

// `activation`: (1,C,...). `baseline`: (C), the mean responses to the twins.
LayerActivity activity_of(const at::Tensor& activation, const at::Tensor& baseline,
                          std::int64_t top_channels) {
  LayerActivity activity;
  activity.mean = activation.mean().item<double>();
  activity.rms = activation.square().mean().sqrt().item<double>();
  const auto lift = lifts(channel_responses(activation)[0], baseline);
  const auto [values, channels] = lift.topk(std::min(top_channels, lift.size(0)));
  for (std::int64_t i = 0; i < values.size(0); ++i) {
    ChannelActivity channel{channels[i].item<std::int64_t>()};
    const auto map = activation[0][channel.channel];
    channel.mean = map.mean().item<double>();
    channel.lift = values[i].item<double>();
    find_peak(map, channel);
    activity.top.push_back(channel);
  }
  return activity;
}

// The background is not a thing that someone looks for.
bool is_background(const cards::Label& label) {
  return label.names.front() == "background";
}

// `maps`: probabilities, (C,...).
std::vector<ClassActivity> classes_of(const at::Tensor& maps, const std::vector<cards::Label>& labels,
                                      std::int64_t most) {
  const auto [values, channels] = maps.flatten(1).amax(1).sort(/*dim=*/0, /*descending=*/true);
  std::vector<ClassActivity> classes;
  for (std::int64_t i = 0; i < values.size(0) && std::ssize(classes) < most; ++i) {
    ClassActivity found;
    found.channel = channels[i].item<std::int64_t>();
    found.probability = values[i].item<double>();
    const auto line = static_cast<std::size_t>(found.channel);
    if (line < labels.size() && is_background(labels[line])) continue;
    if (line < labels.size()) found.name = labels[line].names.front();
    find_peak(maps[found.channel], found);
    classes.push_back(std::move(found));
  }
  return classes;
}

// The labels; empty if the file does not exist, and then classes go by their numbers.
std::vector<cards::Label> labels_of(const cards::NetworkRef& network) {
  std::error_code unreadable;
  const bool is_there = !network.labels.empty() && std::filesystem::exists(network.labels, unreadable);
  return is_there ? cards::read_labels(network.labels) : std::vector<cards::Label>{};
}

// The tensors of the layers that have classes. Empty if the card does not fit the file, because the list of
// layers still helps.
std::vector<std::string> class_tensors_of(const cards::NetworkRef& network) {
  try {
    return network::tensors_of(network.path, cards::class_layers_of(network));
  } catch (const JobError& error) {
    log_debug(error.what());
    return {};
  }
}

// The activations of the layers that accept a picture of this size: the first ones in load.layers, because
// deep layers need a large picture. Found by bisection, or in one pass if all of them accept it.
struct Fitting {
  std::optional<network::Network> network;
  std::vector<at::Tensor> activations;
};

Fitting activations_that_fit(network::LoadOptions load, const at::Tensor& picture) {
  const std::vector<std::string> all = load.layers;
  Fitting fitting;
  std::size_t fits = 0, too_many = all.size() + 1;
  for (auto count = all.size(); fits + 1 < too_many; count = (fits + too_many) / 2) {
    load.layers.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
    try {
      auto network = network::Network::load(load);
      fitting.activations = forward_whole(network, picture);
      fitting.network = std::move(network);
      fits = count;
    } catch (const RenderError& error) {
      log_debug(error.what());
      too_many = count;
    }
  }
  return fitting;
}

// For each layer, the mean responses to the picture's shapeless twins: (C).
std::vector<at::Tensor> baselines(const network::Network& network, const at::Tensor& picture) {
  std::vector<at::Tensor> sums(network.layers().size());
  for (std::int64_t twin = 0; twin < kTwins; ++twin) {
    const auto activations = forward_whole(network, without_shapes(picture[0], twin).unsqueeze(0));
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const auto responses = channel_responses(activations[i])[0] / static_cast<double>(kTwins);
      sums[i] = sums[i].defined() ? sums[i] + responses : responses;
    }
  }
  return sums;
}

// Adds the activities of the layers that run at one size only, or of all the others.
void add_activities(std::vector<LayerReport>& layers, const cards::NetworkRef& network,
                    const at::Tensor& picture, std::int64_t top_channels, bool at_one_size) {
  network::LoadOptions load;
  load.path = network.path;
  load.scaling = model::input_scaling(network.input);
  load.size = network.size.value_or(0);
  std::vector<LayerReport*> reports;
  for (auto& layer : layers) {
    if (!layer.info.usable || layer.info.channels == 0) continue;
    if (layer.info.only_size.has_value() != at_one_size) continue;
    reports.push_back(&layer);
    load.layers.push_back(layer.info.name);
  }
  if (load.layers.empty()) return;
  const at::NoGradGuard no_grad;
  const auto [loaded, activations] = activations_that_fit(load, picture);
  if (!loaded) return;
  const auto baseline = baselines(*loaded, picture);
  const auto labels = labels_of(network);
  const auto class_tensors = class_tensors_of(network);
  const auto scales = class_tensors.empty() ? std::vector<network::ClassScale>{}
                                            : network::class_scales(*loaded, network.path);
  for (std::size_t i = 0; i < activations.size(); ++i) {
    reports[i]->activity = activity_of(activations[i], baseline[i], top_channels);
    if (std::ranges::find(class_tensors, reports[i]->info.tensor) != class_tensors.end())
      reports[i]->activity->classes =
          classes_of(network::class_probabilities(activations[i], scales[i]), labels, top_channels);
  }
}

}  // namespace

std::vector<LayerReport> inspect_layers(const cards::NetworkRef& network,
                                        const std::optional<std::filesystem::path>& image,
                                        std::int64_t top_channels) {
  return image::with_torch_errors([&] {
    std::vector<LayerReport> layers;
    for (auto& info : network::list_layers(network.path)) layers.push_back({std::move(info), std::nullopt});
    for (const bool at_one_size : {false, true})
      if (image) add_activities(layers, network, batch_of_first_frame(*image), top_channels, at_one_size);
    return layers;
  });
}

}  // namespace dreamreel::study
