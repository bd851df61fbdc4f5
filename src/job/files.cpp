#include "dreamreel/job/files.h"

#include "tables.h"

namespace dreamreel::job {

std::vector<NamedFile> list_files(Job& job) {
  std::vector<NamedFile> found;
  list_files_of(job_table(), job, "", found);
  // The row of `outputs` lists no files.
  std::erase_if(found, [&](const NamedFile& file) { return file.path == &job.output.path; });
  return found;
}

std::vector<NetworkRef*> list_other_networks(Job& job) {
  std::vector<NetworkRef*> found;
  const auto add = [&](std::optional<NetworkRef>& network) {
    if (network) found.push_back(&*network);
  };
  for (auto& [alias, network] : job.networks) found.push_back(&network);
  for (auto& objective : job.dream.objectives) {
    add(objective.network);
    if (objective.mask) add(objective.mask->network);
  }
  if (job.dream.mask) add(job.dream.mask->network);
  return found;
}

}  // namespace dreamreel::job
