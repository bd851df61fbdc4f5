#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <system_error>

#include "commands.h"
#include "dreamreel/cards/find_network.h"
#include "dreamreel/cards/labels.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/job/job.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/study/class_ratings.h"
#include "job_arguments.h"
#include "joined.h"

namespace dreamreel::app {
namespace {

bool is_there(const std::filesystem::path& path) {
  std::error_code unreadable;
  return std::filesystem::exists(path, unreadable);
}

// Prints the classes with their indices, one per line.
void list_classes(const std::string& name) {
  const auto network = cards::find_network(name, job::default_load_options());
  if (network.labels.empty())
    throw JobError(fmt::format("network {} has no label file; dreamreel classes lists the networks that have",
                               network.name));
  // Throws an error that says how to get the file.
  if (!is_there(network.labels)) cards::find_class(network, "");
  if (const auto layers = cards::class_layers_of(network); !layers.empty())
    std::printf("# layers: %s\n", printable(joined(layers)).c_str());
  const auto labels = cards::read_labels(network.labels);
  for (std::size_t i = 0; i < labels.size(); ++i)
    std::printf("%zu\t%s\n", i, printable(joined(labels[i].names)).c_str());
}

std::string first_names(const std::vector<cards::Label>& labels) {
  std::vector<std::string> names;
  for (const auto& label : labels) names.push_back(label.names.front());
  return joined(names);
}

// Prints the networks, one per line. For long lists of classes, only their number.
void list_networks() {
  constexpr std::size_t kMostNamed = 100;
  const auto options = job::default_load_options();
  for (const auto& name : cards::card_names(options)) {
    const auto network = cards::find_network(name, options);
    if (network.labels.empty()) continue;
    const std::string state =
        is_there(network.path) ? "" : fmt::format(" (not fetched: dreamreel fetch {})", name);
    if (!is_there(network.labels)) {
      std::printf("%s%s: its classes are named in %s\n", name.c_str(), state.c_str(),
                  printable(network.labels.string()).c_str());
      continue;
    }
    const auto labels = cards::read_labels(network.labels);
    const bool few = labels.size() <= kMostNamed;
    std::printf(
        "%s%s: %s\n", name.c_str(), state.c_str(),
        few ? printable(first_names(labels)).c_str()
            : fmt::format("{} classes; dreamreel classes {} lists them", labels.size(), name).c_str());
  }
}

// Prints the classes in a picture, one per line, likeliest first.
void rate(const std::string& name, const std::filesystem::path& image) {
  image::set_threads(wanted_threads(0));
  const auto network = cards::find_network(name, job::default_load_options());
  cards::require_file(network);
  if (!network.labels.empty() && !is_there(network.labels))
    cards::find_class(network, "");  // throws an error that says how to get it
  const auto labels =
      network.labels.empty() ? std::vector<cards::Label>{} : cards::read_labels(network.labels);
  for (const auto& rating : study::rate_classes(network, image)) {
    const auto index = static_cast<std::size_t>(rating.index);
    const std::string called = index < labels.size() ? joined(labels[index].names) : "";
    if (called == "background") continue;
    std::printf("%.4f\t%lld\t%s\tat %.2f,%.2f of the picture at %g of its size\n", rating.probability,
                static_cast<long long>(rating.index), printable(called).c_str(), rating.x, rating.y,
                rating.scale);
  }
}

struct ClassesArguments {
  std::string network;
  std::filesystem::path image;
};

void run_classes(const ClassesArguments& arguments) {
  if (!arguments.image.empty() && arguments.network.empty())
    throw UsageError("--image: expected a NETWORK to look at the picture with, such as centernet");
  if (!arguments.image.empty())
    rate(arguments.network, arguments.image);
  else if (arguments.network.empty())
    list_networks();
  else
    list_classes(arguments.network);
}

}  // namespace

void add_classes(CLI::App& app) {
  auto arguments = std::make_shared<ClassesArguments>();
  CLI::App* command = app.add_subcommand("classes", "List the classes that networks know, for {class: NAME}");
  command->add_option("NETWORK", arguments->network, "Network card or .onnx file (default: every card)");
  command->add_option("--image", arguments->image,
                      "A picture in which the network looks for its classes: all of them, likeliest first");
  command->callback([arguments] { run_classes(*arguments); });
}

}  // namespace dreamreel::app
