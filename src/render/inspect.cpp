#include "dreamreel/render/inspect.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "dreamreel/core/error.h"
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

// Layers are run in one pass where the picture is large enough for all of them, else up to the deepest that fits.
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
  const auto loaded = network::Network::load(load);
  const auto activations = loaded.forward(picture);
  for (std::size_t i = 0; i < reports.size(); ++i) reports[i]->activity = activity_of(activations[i]);
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
