#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/inspect.h"
#include "job_arguments.h"

namespace dreamreel::app {
namespace {

struct LayersArguments {
  std::string network;
  std::filesystem::path image;
  int threads = 0;
  bool json = false;
};

void print_json(const std::vector<render::LayerReport>& layers) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& layer : layers) {
    nlohmann::json entry{{"name", layer.info.name},   {"tensor", layer.info.tensor},
                         {"op", layer.info.op},       {"channels", layer.info.channels},
                         {"scale", layer.info.scale}, {"usable", layer.info.usable}};
    if (layer.activity) {
      entry["mean"] = layer.activity->mean;
      entry["rms"] = layer.activity->rms;
      entry["top_channels"] = nlohmann::json::array();
      for (const auto& channel : layer.activity->top)
        entry["top_channels"].push_back({{"channel", channel.channel}, {"mean", channel.mean}});
    }
    list.push_back(entry);
  }
  std::printf("%s\n", list.dump(1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void print_table(const std::vector<render::LayerReport>& layers) {
  std::size_t width = 5;
  for (const auto& layer : layers) width = std::max(width, layer.info.name.size());
  std::printf("%-*s  %-20s %8s %7s  %s\n", static_cast<int>(width), "layer", "op", "channels", "scale",
              !layers.empty() && layers.front().activity ? "mean / rms / channels that fire most" : "");
  for (const auto& layer : layers) {
    std::printf("%-*s  %-20s %8lld %7.3g", static_cast<int>(width), layer.info.name.c_str(),
                layer.info.op.c_str(), static_cast<long long>(layer.info.channels), layer.info.scale);
    if (!layer.info.usable) std::printf("  (not usable: an unsupported operator comes before or here)");
    if (layer.activity) {
      std::printf("  %.4g / %.4g /", layer.activity->mean, layer.activity->rms);
      for (const auto& channel : layer.activity->top)
        std::printf(" %lld", static_cast<long long>(channel.channel));
    }
    std::putchar('\n');
  }
}

void run(const LayersArguments& arguments) {
  render::set_threads(wanted_threads(arguments.threads));
  const auto network = job::find_network(arguments.network, job::default_load_options());
  job::require_file(network);
  std::optional<std::filesystem::path> image;
  if (!arguments.image.empty()) image = arguments.image;
  const auto layers = render::inspect_layers(network, image);
  if (arguments.json) {
    print_json(layers);
  } else {
    print_table(layers);
  }
}

}  // namespace

void add_layers(CLI::App& app) {
  auto arguments = std::make_shared<LayersArguments>();
  CLI::App* command = app.add_subcommand("layers", "List a network's layers, and what fires on a picture");
  command->add_option("NETWORK", arguments->network, "Network card or .onnx file")->required();
  command->add_option("--image", arguments->image, "Picture to look at, at its own size");
  command->add_option("--threads", arguments->threads, "Threads (default: every core)")
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", arguments->json, "Print a JSON list");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace dreamreel::app
