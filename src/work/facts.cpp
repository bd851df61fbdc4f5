#include "dreamreel/work/facts.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include "dreamreel/core/digest.h"
#include "dreamreel/job/files.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/media/pictures.h"
#include "dreamreel/schedule/recipe.h"

namespace dreamreel::work {
namespace {

// What a card or the job says of a network's input: with another scaling the same file dreams of something
// else.
std::string scaling_of(const job::NetworkInput& input) {
  char text[400];
  std::snprintf(text, sizeof text, " %s %.17g", input.order.c_str(), input.scale);
  std::string all = text;
  for (std::size_t i = 0; i < input.mean.size(); ++i) {
    std::snprintf(text, sizeof text, " %.17g/%.17g", input.mean[i], input.std[i]);
    all += text;
  }
  return all + "\n";
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
  auto networks = job::networks_of(job);
  std::ranges::move(job::mask_networks_of(job), std::back_inserter(networks));
  for (const auto& network : networks) {
    job::require_file(network);
    facts.network += fingerprint_of_file(network.path) + scaling_of(network.input);
    if (!network.labels.empty() && std::filesystem::exists(network.labels))
      facts.network += fingerprint_of_file(network.labels);
  }
  facts.range = range;
  return facts;
}

}  // namespace dreamreel::work
