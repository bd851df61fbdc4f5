#include "dreamreel/work/facts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/cards/find_network.h"
#include "dreamreel/core/digest.h"
#include "dreamreel/job/files.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/media/pictures.h"
#include "dreamreel/schedule/recipe.h"

namespace dreamreel::work {
namespace {

// The scaling of a network's input, from its card or the job. With another scaling, the same file dreams of
// something else.
std::string scaling_of(const cards::NetworkInput& input) {
  char text[400];
  std::snprintf(text, sizeof text, " %s %.17g", input.order.c_str(), input.scale);
  std::string all = text;
  for (std::size_t i = 0; i < input.mean.size(); ++i) {
    std::snprintf(text, sizeof text, " %.17g/%.17g", input.mean[i], input.std[i]);
    all += text;
  }
  return all;
}

// Everything about a network that pixels depend on.
std::string text_of(const cards::NetworkRef& network) {
  cards::require_file(network);
  std::string text = fmt::format("{}{} {} {}", fingerprint_of_file(network.path), scaling_of(network.input),
                                 network.side, network.size.value_or(0));
  for (const auto& layer : network.class_layers) text += " " + layer;
  if (!network.labels.empty() && std::filesystem::exists(network.labels))
    text += " " + fingerprint_of_file(network.labels);
  return text;
}

// Lists each network once, and then the network of each objective and each mask. The list is needed because
// the job's own text in the facts names all files of networks alike.
class Networks {
 public:
  void add(const cards::NetworkRef& network) {
    auto place = std::ranges::find(known_, network);
    if (place == known_.end()) {
      known_.push_back(network);
      texts_ += text_of(network) + "\n";
      place = std::prev(known_.end());
    }
    uses_ += fmt::format(" {}", place - known_.begin());
  }
  void add(const std::optional<job::Mask>& mask) {
    if (mask && mask->network) return add(*mask->network);
    uses_ += " -";
  }
  std::string text() const { return texts_ + uses_ + "\n"; }

 private:
  std::vector<cards::NetworkRef> known_;
  std::string texts_, uses_;
};

std::string networks_text(const job::Job& job) {
  Networks networks;
  networks.add(job.dream.mask);
  for (const auto& objective : job.dream.objectives) {
    networks.add(job::network_of(job, objective));
    networks.add(objective.mask);
  }
  return networks.text();
}

}  // namespace

schedule::Facts facts_of(const job::Job& job, const schedule::FrameRange& range) {
  schedule::Facts facts;
  facts.version = DREAMREEL_VERSION;
  facts.job = job::to_yaml(schedule::without_places(job));
  if (job.input.trim_end && !media::filter_forgets(job.input.filter))
    facts.source_end = to_string(*job.input.trim_end);
  job::Job named = job;
  for (const auto& [key, path] : job::list_files(named))
    (path == &named.input.path ? facts.source : facts.files[key]) = media::fingerprint_of_input(*path);
  facts.network = networks_text(job);
  facts.range = range;
  return facts;
}

}  // namespace dreamreel::work
