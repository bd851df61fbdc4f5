#include "source_facts.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>

#include "dreamreel/footage/source.h"

namespace dreamreel::study {

std::string source_key(const job::Job& job) {
  job::Job only;
  only.input = job.input;
  only.output.loop = job.output.loop;
  only.temporal.cuts = job.temporal.cuts;
  only.seed = job.input.noise ? job.seed : 0;
  only.dream.parameterization = job.dream.parameterization;
  if (job.input.noise) {
    only.dream.motif = job.dream.motif;
    only.dream.draft = job.dream.draft;
  }
  only.dream.mask = job.dream.mask;  // a mask of the source's alpha makes the reader decode it
  for (const auto& objective : job.dream.objectives)
    if (objective.mask) only.dream.objectives.push_back(objective);
  std::error_code unknown;  // set for a numbered sequence, which is not a file
  const auto changed = std::filesystem::last_write_time(job.input.path, unknown).time_since_epoch().count();
  return job::to_yaml(only) + (unknown ? "" : fmt::format("{}\n", changed));
}

Facts FactsOfSources::of(const job::Job& job) {
  const std::string key = source_key(job);
  for (const auto& [known, facts] : kept_)
    if (known == key) return facts;
  const auto source = footage::open_source(job, 0);
  if (kept_.size() == kMost) kept_.pop_back();
  kept_.emplace_front(key, Facts{source->info(), source->loop()});
  return kept_.front().second;
}

}  // namespace dreamreel::study
