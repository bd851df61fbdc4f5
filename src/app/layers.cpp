#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "dreamreel/cards/find_network.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/job/job.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/study/inspect.h"
#include "job_arguments.h"
#include "joined.h"

namespace dreamreel::app {
namespace {

struct LayersArguments {
  std::string network;
  std::filesystem::path image;
  int threads = 0, top = 5;
  bool json = false;
};

// Of a column. Without a limit, a single endless name would fill every other row with blanks.
constexpr std::size_t kWidestName = 120;

bool is_recommended(const cards::NetworkRef& network, const network::LayerInfo& layer) {
  const auto& names = network.recommended_layers;
  return std::ranges::find(names, layer.name) != names.end() ||
         std::ranges::find(names, layer.tensor) != names.end();
}

void print_layers_json(const cards::NetworkRef& network, const std::vector<study::LayerReport>& layers) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& layer : layers) {
    nlohmann::json entry{{"name", layer.info.name},
                         {"tensor", layer.info.tensor},
                         {"op", layer.info.op},
                         {"channels", layer.info.channels},
                         {"scale", layer.info.scale},
                         {"usable", layer.info.usable},
                         {"only_size", layer.info.only_size ? nlohmann::json{layer.info.only_size->width,
                                                                             layer.info.only_size->height}
                                                            : nlohmann::json()},
                         {"needs", layer.info.needs},
                         {"aliases", layer.info.aliases},
                         {"recommended", is_recommended(network, layer.info)}};
    if (layer.activity) {
      entry["mean"] = layer.activity->mean;
      entry["rms"] = layer.activity->rms;
      entry["top_channels"] = nlohmann::json::array();
      for (const auto& channel : layer.activity->top)
        entry["top_channels"].push_back({{"channel", channel.channel},
                                         {"mean", channel.mean},
                                         {"lift", channel.lift},
                                         {"at", {channel.x, channel.y}}});
      for (const auto& seen : layer.activity->classes)
        entry["classes"].push_back({{"channel", seen.channel},
                                    {"class", seen.name},
                                    {"probability", seen.probability},
                                    {"at", {seen.x, seen.y}}});
    }
    list.push_back(entry);
  }
  std::printf("%s\n", list.dump(1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void print_card(const cards::NetworkRef& network) {
  if (!network.description.empty()) std::printf("# %s\n", printable(network.description).c_str());
  if (!network.recommended_layers.empty())
    std::printf("# recommended layers: %s\n", printable(joined(network.recommended_layers)).c_str());
  if (!network.recommended_looks.empty())
    std::printf("# recommended looks: %s\n", printable(joined(network.recommended_looks)).c_str());
  if (!network.licence.empty()) std::printf("# licence: %s\n", printable(network.licence).c_str());
  if (!network.origin.empty()) std::printf("# origin: %s\n", printable(network.origin).c_str());
  if (const auto layers = cards::class_layers_of(network); !layers.empty())
    std::printf("# layers whose channels are classes: %s\n", printable(joined(layers)).c_str());
  if (!network.labels.empty())
    std::printf("# classes are named in %s\n", printable(network.labels.string()).c_str());
}

// Separates the classes by commas, because their names may contain blanks.
void print_classes(const std::vector<study::ClassActivity>& classes) {
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto& seen = classes[i];
    const std::string name = seen.name.empty() ? std::to_string(seen.channel) : printable(seen.name);
    std::printf("%s %s (%.2g at %.2f,%.2f)", i == 0 ? "" : ",", name.c_str(), seen.probability, seen.x,
                seen.y);
  }
}

void print_channels(const study::LayerActivity& activity) {
  std::printf("  %.4g / %.4g /", activity.mean, activity.rms);
  if (!activity.classes.empty()) return print_classes(activity.classes);
  for (const auto& channel : activity.top)
    std::printf(" %lld (%.1fx at %.2f,%.2f)", static_cast<long long>(channel.channel), channel.lift,
                channel.x, channel.y);
}

void print_why_unusable(const network::LayerInfo& layer) {
  if (!layer.needs.empty())
    std::printf("  (not usable: it needs the input '%s' beside or instead of a picture)",
                printable(layer.needs).c_str());
  else if (!layer.usable)
    std::printf("  (not usable: an unsupported operator comes before or here)");
}

void print_layers_table(const cards::NetworkRef& network, const std::vector<study::LayerReport>& layers) {
  print_card(network);
  std::size_t width = 5;
  for (const auto& layer : layers)
    width = std::clamp<std::size_t>(printable(layer.info.name).size(), width, kWidestName);
  std::printf(
      "%-*s  %-20s %8s %7s  %s\n", static_cast<int>(width), "layer", "op", "channels", "scale",
      !layers.empty() && layers.front().activity
          ? "mean / rms / channels that fire most (times shapeless, where), or classes (probability, where)"
          : "");
  for (const auto& layer : layers) {
    std::printf("%-*s  %-20s %8lld %7.3g", static_cast<int>(width), printable(layer.info.name).c_str(),
                printable(layer.info.op).c_str(), static_cast<long long>(layer.info.channels),
                layer.info.scale);
    print_why_unusable(layer.info);
    if (layer.info.usable && layer.info.only_size)
      std::printf("  at %lldx%lld alone", static_cast<long long>(layer.info.only_size->width),
                  static_cast<long long>(layer.info.only_size->height));
    if (!layer.info.aliases.empty()) std::printf("  or %s", printable(joined(layer.info.aliases)).c_str());
    if (is_recommended(network, layer.info)) std::printf("  recommended");
    if (layer.activity) print_channels(*layer.activity);
    std::putchar('\n');
  }
}

void run_layers(const LayersArguments& arguments) {
  image::set_threads(wanted_threads(arguments.threads));
  const auto network = cards::find_network(arguments.network, job::default_load_options());
  cards::require_file(network);
  std::optional<std::filesystem::path> image;
  if (!arguments.image.empty()) image = arguments.image;
  const auto layers = study::inspect_layers(network, image, arguments.top);
  if (arguments.json) {
    print_layers_json(network, layers);
  } else {
    print_layers_table(network, layers);
  }
}

}  // namespace

void add_layers(CLI::App& app) {
  auto arguments = std::make_shared<LayersArguments>();
  CLI::App* command = app.add_subcommand("layers", "List a network's layers, and what fires on a picture");
  command->add_option("NETWORK", arguments->network, "Network card or .onnx file")->required();
  command->add_option("--image", arguments->image, "Picture to look at, at its own size");
  command->add_option("--top", arguments->top, "Channels or classes to rank in each layer (default: 5)")
      ->check(CLI::Range(1, 4096));
  command->add_option("--threads", arguments->threads, "Threads (default: every core)")
      ->check(CLI::Range(1, kMostThreads));
  command->add_flag("--json", arguments->json, "Print a JSON list");
  command->callback([arguments] { run_layers(*arguments); });
}

}  // namespace dreamreel::app
