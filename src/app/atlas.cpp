#include "dreamreel/study/atlas.h"

#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "commands.h"
#include "dreamreel/cards/find_network.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/render.h"
#include "dreamreel/study/atlas_page.h"
#include "job_arguments.h"
#include "overwrite.h"
#include "signals.h"

namespace dreamreel::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kReportEvery = std::chrono::seconds(10);

struct AtlasArguments {
  std::string network;
  std::vector<std::string> layers, channels;
  std::filesystem::path image, output;
  int size = 128, iterations = study::AtlasOptions{}.iterations, threads = 0;
  std::uint64_t seed = 0;
  bool classes = false, overwrite = false;
};

// "3" or "0..63"
cards::ChannelRange parse_channels(const std::string& text) {
  cards::ChannelRange range;
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%9d..%9d%c", &range.first, &range.last, &rest);
  const bool one =
      text.find('.') == std::string::npos && std::sscanf(text.c_str(), "%9d%c", &range.first, &rest) == 1;
  if (one) range.last = range.first;
  if ((read != 2 && !one) || range.first < 0 || range.last < range.first)
    throw UsageError(
        fmt::format("--channels: expected a channel such as 3 or a range such as 0..63, got '{}'", text));
  return range;
}

std::function<void(double)> reporter() {
  const auto start = Clock::now();
  return [start, last = start](double share) mutable {
    const auto now = Clock::now();
    if (now - last < kReportEvery) return;
    last = now;
    const double seconds = std::chrono::duration<double>(now - start).count();
    char line[64];
    std::snprintf(line, sizeof line, "atlas: %.0f %%, about %.0f s to go", share * 100,
                  seconds / share - seconds);
    log_info(line);
  };
}

void run_atlas(const AtlasArguments& arguments) {
  study::check_atlas_path(arguments.output);
  expect_replaceable(arguments.output, arguments.overwrite);
  image::set_threads(wanted_threads(arguments.threads));
  study::AtlasOptions options;
  options.network = cards::find_network(arguments.network, job::default_load_options());
  cards::require_file(options.network);
  options.layers = arguments.layers;
  for (const auto& text : arguments.channels) options.channels.push_back(parse_channels(text));
  if (!arguments.image.empty()) options.image = arguments.image;
  options.size = arguments.size;
  options.iterations = arguments.iterations;
  options.seed = arguments.seed;
  options.classes = arguments.classes;
  options.stop = &stop_on_signals();
  options.progress = reporter();
  const auto atlas = study::make_atlas(options);
  for (const auto& layer : atlas.skipped) log_info("not shown, because it needs larger tiles: " + layer);
  study::write_atlas(atlas, arguments.output);
  std::size_t tiles = 0;
  for (const auto& layer : atlas.layers) tiles += layer.tiles.size();
  log_info(fmt::format("{}: {} tiles of {}{}", arguments.output.string(), tiles, atlas.layers.size(),
                       atlas.layers.size() == 1 ? " layer" : " layers"));
}

}  // namespace

void add_atlas(CLI::App& app) {
  auto arguments = std::make_shared<AtlasArguments>();
  CLI::App* command =
      app.add_subcommand("atlas", "A contact sheet of what a network's layers or channels dream of");
  command->add_option("NETWORK", arguments->network, "Network card or .onnx file")->required();
  command->add_option("-o,--output", arguments->output, "A page (.html) or a picture (.png)")->required();
  command->add_option("--layers", arguments->layers, "Layers, separated by commas (default: all)")
      ->delimiter(',');
  command
      ->add_option("--channels", arguments->channels,
                   "Channels and ranges, such as 3,20..30, a tile each (default: the whole layer and its two "
                   "strongest)")
      ->delimiter(',');
  command
      ->add_flag("--classes", arguments->classes, "A tile for each class of the network, in place of layers")
      ->excludes("--layers")
      ->excludes("--channels");
  command->add_option("--image", arguments->image, "A picture that tiles start from, in place of noise");
  command->add_option("--size", arguments->size, "Side of a tile in pixels")
      ->check(CLI::Range(16, 1024))
      ->capture_default_str();
  command
      ->add_option("--iterations", arguments->iterations, "Steps for each tile; of a class, in each octave")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "Seed of the noise that tiles start from")
      ->check(without_sign())
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "Threads (default: every core)")
      ->check(CLI::Range(1, kMostThreads));
  add_overwrite(*command, arguments->overwrite);
  command->callback([arguments] { run_atlas(*arguments); });
}

}  // namespace dreamreel::app
