#include "dreamreel/render/inspect.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/media/reader.h"
#include "resolve.h"
#include "torch_errors.h"

namespace dreamreel::render {
namespace {

constexpr std::int64_t kTopChannels = 5;

at::Tensor first_frame(const std::filesystem::path& path) {
  media::ReaderOptions options;
  options.path = path;
  const auto frame = media::Reader(options).next();
  if (!frame) throw InputError(path.string() + ": no picture could be decoded");
  return frame->rgb.unsqueeze(0);
}

LayerActivity activity_of(const at::Tensor& activation) {
  LayerActivity activity;
  activity.mean = activation.mean().item<double>();
  activity.rms = activation.square().mean().sqrt().item<double>();
  // (N,C,...) -> one mean per channel
  const at::Tensor means = activation.transpose(0, 1).flatten(1).mean(1);
  const auto [values, channels] = means.topk(std::min(kTopChannels, means.size(0)));
  for (std::int64_t i = 0; i < values.size(0); ++i)
    activity.top.push_back({channels[i].item<std::int64_t>(), values[i].item<double>()});
  return activity;
}

// Of as many of load.layers, from the first on, as take a picture of this size: deep layers need a large one, and a
// classifier's head only the one it was trained with. Found by bisection, in one pass where all of them do.
std::vector<at::Tensor> activations_that_fit(network::LoadOptions load, const at::Tensor& picture) {
  const std::vector<std::string> all = load.layers;
  std::vector<at::Tensor> activations;
  std::size_t fits = 0, too_many = all.size() + 1;
  for (auto count = all.size(); fits + 1 < too_many; count = (fits + too_many) / 2) {
    load.layers.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
    try {
      activations = network::Network::load(load).forward(picture);
      fits = count;
    } catch (const RenderError& error) {
      log_debug(error.what());
      too_many = count;
    }
  }
  return activations;
}

void add_activities(std::vector<LayerReport>& layers, const job::NetworkRef& network,
                    const at::Tensor& picture) {
  network::LoadOptions load;
  load.path = network.path;
  load.scaling = input_scaling(network.input);
  std::vector<LayerReport*> reports;
  for (auto& layer : layers) {
    if (!layer.info.usable || layer.info.channels == 0) continue;
    reports.push_back(&layer);
    load.layers.push_back(layer.info.name);
  }
  if (load.layers.empty()) return;
  const at::NoGradGuard no_grad;
  const auto activations = activations_that_fit(load, picture);
  for (std::size_t i = 0; i < activations.size(); ++i) reports[i]->activity = activity_of(activations[i]);
}

}  // namespace

std::vector<LayerReport> inspect_layers(const job::NetworkRef& network,
                                        const std::optional<std::filesystem::path>& image) {
  return with_torch_errors([&] {
    std::vector<LayerReport> layers;
    for (auto& info : network::list_layers(network.path)) layers.push_back({std::move(info), std::nullopt});
    if (image) add_activities(layers, network, first_frame(*image));
    return layers;
  });
}

}  // namespace dreamreel::render
