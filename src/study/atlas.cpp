#include "dreamreel/study/atlas.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/core.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <utility>

#include "activity.h"
#include "atlas_classes.h"
#include "atlas_tiles.h"
#include "dreamreel/cards/labels.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/core/random.h"
#include "dreamreel/dream/view.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/model/device.h"
#include "dreamreel/network/class_probabilities.h"
#include "whole_view.h"

namespace dreamreel::study {
namespace {

constexpr std::size_t kTilesAtOnce = 24;  // in one pass: enough work for the processors, and little memory
constexpr std::int64_t kTopChannels = 2;  // beside the whole layer
constexpr double kRate = 0.06, kRateOnImage = 0.025;  // of AtlasTiles::climb()
// Each step sees all tiles turned and scaled by up to this much, which no grain survives.
constexpr dream::Transforms kTransforms{0.1, 10};

std::string quoted_if_needed(const std::string& name) {
  const bool plain = !name.empty() && name.find_first_of(",[]{}:#&*!|>'\"%@` \\") == std::string::npos &&
                     name.front() != '-' && name.front() != '?' && printable(name) == name;
  if (plain) return name;
  std::string text = "\"";
  for (const char c : name) {
    const bool is_control = has_control_characters({&c, 1});
    text += c == '"' || c == '\\' ? std::string("\\") + c
            : is_control          ? printable({&c, 1})
                                  : std::string(1, c);
  }
  return text + "\"";
}

std::string objective_yaml(const std::string& layer, std::optional<std::int64_t> channel) {
  const std::string name = "{layer: " + quoted_if_needed(layer);
  return channel ? name + ", kind: channels, channels: [" + std::to_string(*channel) + "]}" : name + "}";
}

// The goal that one tile of a batch climbs.
struct Goal {
  std::size_t layer = 0;  // index into Network::layers()
  std::optional<std::int64_t> channel;
};

// The derivative of the tiles' objectives with respect to a layer's activation, (N,C,...). The objective is
// the energy 1/2 a^2 of a whole layer, or the mean of a channel. A channel that is silent everywhere has no
// slope; until it responds, its tile climbs the layer.
at::Tensor cotangent(const at::Tensor& activation, const std::vector<Goal>& goals, std::size_t layer) {
  auto slope = at::zeros_like(activation);
  for (std::size_t i = 0; i < goals.size(); ++i) {
    if (goals[i].layer != layer) continue;
    const auto tile = static_cast<std::int64_t>(i);
    const bool awake =
        goals[i].channel && activation[tile][*goals[i].channel].count_nonzero().item<std::int64_t>() > 0;
    if (awake)
      slope[tile][*goals[i].channel].fill_(1);
    else
      slope[tile].copy_(activation[tile]);
  }
  return slope;
}

at::Tensor gradient_of(const network::Network& network, const at::Tensor& pictures,
                       const std::vector<Goal>& goals) {
  const auto leaf = pictures.detach().requires_grad_(true);
  const auto activations = forward_whole(network, leaf);
  std::vector<at::Tensor> outputs, cotangents;
  for (std::size_t layer = 0; layer < activations.size(); ++layer) {
    if (std::ranges::find(goals, layer, &Goal::layer) == goals.end()) continue;
    outputs.push_back(activations[layer]);
    cotangents.push_back(cotangent(activations[layer].detach(), goals, layer));
  }
  return torch::autograd::grad(outputs, {leaf}, cotangents)[0];
}

class AtlasMaker {
 public:
  explicit AtlasMaker(const AtlasOptions& options) : options_(options) {
    load_.path = options.network.path;
    load_.scaling = model::input_scaling(options.network.input);
    load_.size = options.network.size.value_or(0);
    load_.device = model::resolve_device(options.device);
    load_.precision = model::resolve_precision(options.precision, load_.device);
    if (options.image) start_ = square_of(*options.image);
  }

  Atlas make() {
    atlas_.network = options_.network.name;
    if (options_.classes) return of_classes();
    auto layers = chosen_layers();
    // A layer for one size only would make the other layers of its group see pictures of that size.
    std::stable_partition(layers.begin(), layers.end(), [](const auto& layer) { return !layer.only_size; });
    const auto tiles = tiles_of(layers);
    total_steps_ = static_cast<double>(tiles) * options_.iterations;
    const auto per_group = options_.channels.empty() ? kTilesAtOnce / kTopChannels : 1;
    for (std::size_t begin = 0, end = 0; begin < layers.size(); begin = end) {
      const auto is_like_first = [&](const auto& layer) {
        return layer.only_size == layers[begin].only_size;
      };
      while (end < std::min(layers.size(), begin + per_group) && is_like_first(layers[end])) ++end;
      dream_group({layers.begin() + static_cast<std::ptrdiff_t>(begin),
                   layers.begin() + static_cast<std::ptrdiff_t>(end)});
    }
    if (atlas_.layers.empty())
      throw JobError(
          fmt::format("no layer can be shown on tiles of {} px: {}", options_.size,
                      atlas_.skipped.empty() ? "the network has none that is usable" : skipped_text()));
    return std::move(atlas_);
  }

 private:
  using Layers = std::vector<network::LayerInfo>;

  Atlas of_classes() {
    const auto& ref = options_.network;
    const auto class_layers = cards::class_layers_of(ref);
    if (class_layers.empty())
      throw JobError(
          fmt::format("the card of network {} names neither layers of classes nor labels; take a network "
                      "whose card does, such as oid or nanodet",
                      ref.name));
    if (ref.labels.empty()) throw JobError(fmt::format("network {} has no label file", ref.name));
    if (!std::filesystem::exists(ref.labels)) cards::find_class(ref, "");  // throws, saying how to get it
    const auto labels = cards::read_labels(ref.labels);
    const auto layer = class_layer_called(class_layers.front());
    auto load = load_;
    load.layers = {layer.name};
    const auto network = network::Network::load(load);
    if (!network.only_size() && network.min_input_side() > options_.size)
      throw JobError(fmt::format("classes need tiles of at least {} px", network.min_input_side()));
    std::vector<std::int64_t> classes;
    const auto count = std::min<std::int64_t>(std::ssize(labels), layer.channels);
    const auto wanted = wanted_channels(layer);
    for (std::int64_t i = 0; i < count; ++i) {
      const bool is_wanted = options_.channels.empty() || std::ranges::find(wanted, i) != wanted.end();
      if (is_wanted && labels[static_cast<std::size_t>(i)].names.front() != "background")
        classes.push_back(i);
    }
    if (classes.empty())
      throw JobError("network " + ref.name + " has the classes 0 to " + std::to_string(count - 1));
    atlas_.layers.push_back({layer, {}});
    dream_classes(network, classes);
    for (auto& tile : atlas_.layers[0].tiles) {
      tile.name = labels[static_cast<std::size_t>(*tile.channel)].names.front();
      tile.yaml = "{class: " + quoted_if_needed(tile.name) + ", rivals: 1, selectivity: 1}";
    }
    return std::move(atlas_);
  }

  // Classes need octaves: shapes as large as a tile come from the coarsest one alone. So their tiles are
  // climbed as renders are, one by one.
  void dream_classes(const network::Network& network, const std::vector<std::int64_t>& classes) {
    const auto options = class_ascent(options_.iterations, start_.defined());
    const int octaves = dream::usable_octaves(network, options_.size, options_.size, options);
    total_steps_ = static_cast<double>(classes.size()) * octaves * options_.iterations;
    const auto observer = [this](const dream::StepReport&) {
      throw_if_stopped();
      done_steps_ += 1;
      report_progress();
    };
    for (const auto channel : classes)
      atlas_.layers[0].tiles.push_back(
          {channel, class_picture(network, channel, start_, options_.size, options, options_.seed, observer),
           ""});
  }

  void throw_if_stopped() const {
    if (options_.stop && options_.stop->load()) throw Interrupted("interrupted; nothing was written");
  }

  void report_progress() const {
    if (options_.progress) options_.progress(std::min(1.0, done_steps_ / total_steps_));
  }

  network::LayerInfo layer_called(const std::string& name) const {
    const auto all = network::list_layers(options_.network.path);
    auto found = std::ranges::find(all, name, &network::LayerInfo::name);
    if (found == all.end()) found = std::ranges::find(all, name, &network::LayerInfo::tensor);
    if (found == all.end())
      found = std::ranges::find_if(all, [&](const network::LayerInfo& layer) {
        return std::ranges::find(layer.aliases, name) != layer.aliases.end();
      });
    if (found == all.end()) throw_unknown(name);
    auto layer = *found;
    layer.name = name;
    return layer;
  }

  // The layer's description. The name "classes" may stand for a layer with another name.
  network::LayerInfo class_layer_called(const std::string& name) const {
    auto layer = layer_called(network::tensors_of(options_.network.path, {name}).front());
    layer.name = name;
    return layer;
  }

  // The middle of the picture, cropped to a square: (3,size,size).
  at::Tensor square_of(const std::filesystem::path& path) const {
    media::ReaderOptions reader;
    reader.path = path;
    const auto frame = media::Reader(reader).next();
    if (!frame) throw InputError(path.string() + ": no picture could be decoded");
    const auto side = std::min(frame->rgb.size(1), frame->rgb.size(2));
    const auto square = frame->rgb.narrow(1, (frame->rgb.size(1) - side) / 2, side)
                            .narrow(2, (frame->rgb.size(2) - side) / 2, side);
    return image::resize(square.contiguous(), {options_.size, options_.size}).clamp(0, 1);
  }

  Layers chosen_layers() const {
    const auto all = network::list_layers(options_.network.path);
    Layers chosen;
    for (const auto& layer : all)
      if (options_.layers.empty() && layer.usable && layer.scale > 0 && layer.channels > 0 &&
          !layer.leads_to_activation)
        chosen.push_back(layer);
    for (const auto& name : options_.layers) chosen.push_back(layer_called(name));
    return chosen;
  }

  // Lets the network write the message about a wrong name.
  [[noreturn]] void throw_unknown(const std::string& name) const {
    auto load = load_;
    load.layers = {name};
    network::Network::load(load);
    throw JobError(fmt::format("network {} has no layer '{}' with activations", options_.network.name, name));
  }

  std::vector<std::int64_t> wanted_channels(const network::LayerInfo& layer) const {
    std::vector<std::int64_t> channels;
    for (const auto& [first, last, class_name] : options_.channels)
      for (std::int64_t channel = first; channel <= last && channel < layer.channels; ++channel)
        if (std::ranges::find(channels, channel) == channels.end()) channels.push_back(channel);
    return channels;
  }

  std::size_t tiles_of(const Layers& layers) const {
    std::size_t tiles = 0;
    for (const auto& layer : layers)
      tiles += options_.channels.empty() ? 1 + kTopChannels : wanted_channels(layer).size();
    if (tiles == 0 && !layers.empty())
      throw JobError(fmt::format("--channels: layer '{}' has the channels 0 to {}", layers.front().name,
                                 layers.front().channels - 1));
    return tiles;
  }

  std::string skipped_text() const {
    std::string text;
    for (const auto& layer : atlas_.skipped) text += (text.empty() ? "" : ", ") + layer;
    return text;
  }

  // Dreams a group of layers of similar depth with one network, truncated at the deepest layer. A layer that
  // is too deep for the tiles is left out.
  void dream_group(const Layers& layers) {
    auto load = load_;
    for (const auto& layer : layers) load.layers.push_back(layer.name);
    const auto network = network::Network::load(load);
    if (!network.only_size() && network.min_input_side() > options_.size) {
      if (layers.size() == 1) return skip(layers.front(), network.min_input_side());
      const auto middle = layers.begin() + static_cast<std::ptrdiff_t>(layers.size() / 2);
      dream_group({layers.begin(), middle});
      return dream_group({middle, layers.end()});
    }
    const auto first = atlas_.layers.size();
    for (const auto& layer : layers) atlas_.layers.push_back({layer, {}});
    if (options_.channels.empty())
      dream_layers(network, first);
    else
      dream_channels(network, first);
  }

  void skip(const network::LayerInfo& layer, std::int64_t side) {
    atlas_.skipped.push_back(fmt::format("{} ({} px)", layer.name, side));
    const auto tiles = options_.channels.empty() ? 1 + kTopChannels : wanted_channels(layer).size();
    total_steps_ -= static_cast<double>(tiles) * options_.iterations;
  }

  // Dreams the whole of each layer, and then the channels that respond most to that dream.
  void dream_layers(const network::Network& network, std::size_t first) {
    std::vector<Goal> goals;
    for (std::size_t layer = 0; layer < network.layers().size(); ++layer) goals.push_back({layer, {}});
    const auto start = start_tiles(goals.size());
    const auto dreams = climb(network, start, goals);
    keep(dreams, goals, first);
    const at::NoGradGuard no_grad;
    const auto before = forward_whole(network, start.to(network.device()));
    const auto after = forward_whole(network, dreams.to(network.device()));
    std::vector<Goal> parts;
    for (std::size_t layer = 0; layer < goals.size(); ++layer) {
      const auto tile = static_cast<std::int64_t>(layer);
      const auto lift = lifts(channel_responses(after[layer])[tile], channel_responses(before[layer])[tile]);
      const auto top = std::get<1>(lift.topk(std::min<std::int64_t>(kTopChannels, lift.size(0))));
      for (std::int64_t i = 0; i < top.size(0); ++i) parts.push_back({layer, top[i].item<std::int64_t>()});
    }
    const at::AutoGradMode with_grad(true);
    keep(climb(network, start_tiles(parts.size()), parts), parts, first);
  }

  void dream_channels(const network::Network& network, std::size_t first) {
    std::vector<Goal> goals;
    for (const auto channel : wanted_channels(atlas_.layers[first].info)) goals.push_back({0, channel});
    dream_all(network, goals, first);
  }

  void dream_all(const network::Network& network, const std::vector<Goal>& goals, std::size_t first) {
    for (std::size_t begin = 0; begin < goals.size(); begin += kTilesAtOnce) {
      const auto end = std::min(goals.size(), begin + kTilesAtOnce);
      const std::vector<Goal> some(goals.begin() + static_cast<std::ptrdiff_t>(begin),
                                   goals.begin() + static_cast<std::ptrdiff_t>(end));
      keep(climb(network, start_tiles(some.size()), some), some, first);
    }
  }

  // Every tile starts from the same noise, so that tiles differ only in what they climbed.
  at::Tensor start_tiles(std::size_t count) const {
    const auto one = start_.defined() ? start_.unsqueeze(0) : noise_tiles(1, options_.size, options_.seed, 0);
    return one.repeat({static_cast<std::int64_t>(count), 1, 1, 1});
  }

  // Returns (N,3,size,size) on the CPU.
  at::Tensor climb(const network::Network& network, const at::Tensor& start, const std::vector<Goal>& goals) {
    AtlasTiles tiles(start.to(network.device()));
    const double rate = start_.defined() ? kRateOnImage : kRate;
    for (int step = 0; step < options_.iterations; ++step) {
      throw_if_stopped();
      const auto view = dream::View::of_torus(kTransforms, {options_.seed, 0, 0, step}, options_.size);
      const auto gradient = gradient_of(network, view.apply(tiles.pictures()), goals);
      tiles.climb(view.pull_back(gradient.to(at::kFloat)), rate);
      done_steps_ += static_cast<double>(goals.size());
      report_progress();
    }
    return tiles.pictures().to(at::kCPU);
  }

  void keep(const at::Tensor& dreams, const std::vector<Goal>& goals, std::size_t first) {
    for (std::size_t i = 0; i < goals.size(); ++i) {
      auto& layer = atlas_.layers[first + goals[i].layer];
      layer.tiles.push_back({goals[i].channel, dreams[static_cast<std::int64_t>(i)].contiguous(),
                             objective_yaml(layer.info.name, goals[i].channel)});
    }
  }

  const AtlasOptions& options_;
  network::LoadOptions load_;
  at::Tensor start_;  // undefined: noise
  Atlas atlas_;
  double total_steps_ = 1, done_steps_ = 0;
};

}  // namespace

Atlas make_atlas(const AtlasOptions& options) {
  return image::with_torch_errors([&] { return AtlasMaker(options).make(); });
}

}  // namespace dreamreel::study
