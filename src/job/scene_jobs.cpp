#include "scene_jobs.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "checked_job.h"
#include "outputs.h"
#include "scenes.h"

namespace dreamreel::job {
namespace {

// Adds the problems that no other scene has told yet.
void add_new(const std::vector<Problem>& problems, std::vector<Problem>& found) {
  for (const auto& problem : problems) {
    const auto is_same = [&](const Problem& known) {
      return known.place == problem.place && known.key == problem.key && known.message == problem.message;
    };
    if (std::ranges::none_of(found, is_same)) found.push_back(problem);
  }
}

std::string text_of(const std::vector<Problem>& problems) {
  std::string text;
  for (const auto& [file, line, place, key, message] : problems)
    text += (text.empty() ? "" : "\n") + (place.empty() ? "" : place + ": ") +
            (key.empty() ? "" : key + ": ") + message;
  return text;
}

// Loads the job of each scene. One run tells the faults of all, but what they share only once.
std::vector<Job> jobs_of(const std::vector<Scene>& scenes, const TreeOf& tree_of,
                         const std::filesystem::path& path, const LoadOptions& options) {
  std::vector<Job> jobs;
  std::vector<Problem> found;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const auto& scene = scenes[i];
    try {
      Problems problems;
      const std::string key = fmt::format("scenes.{}.look", i);
      Value tree = tree_of(AskedLook{scene.look, scene.place, scene.own, key}, problems);
      std::erase_if(tree.entries, [](const auto& entry) { return entry.key == "scenes"; });
      jobs.push_back(checked_job(std::move(tree), path, options, problems));
    } catch (const SettingsError& error) {
      add_new(error.problems(), found);
    }
  }
  if (!found.empty()) throw SettingsError(text_of(found), found);
  return jobs;
}

}  // namespace

Job job_of_trees(const TreeOf& tree_of, const std::filesystem::path& path, const LoadOptions& options,
                 KeyPlaces& places) {
  Problems problems;
  Value root = tree_of({}, problems);
  places.add_tree(root, "");
  // A list of one output becomes the job's only output.
  if (const Value* const outputs = root.find(kOutputs); outputs != nullptr && outputs->items.size() == 1)
    places.add_tree(outputs->items.front(), kOutput);
  const auto scenes = take_scenes(root, problems);
  if (scenes.empty()) return checked_job(std::move(root), path, options, problems);
  Job job = joined(scenes, jobs_of(scenes, tree_of, path, options));
  const std::size_t own = job.temporal.cuts.times.size() + 1 - scenes.size();  // cuts of the job itself
  for (std::size_t i = 1; i < scenes.size(); ++i) {
    const std::string key = key_of_time(job.temporal.cuts, own + i - 1), scene = fmt::format("scenes.{}", i);
    places.rename(key, scene + ".from");
    places.rename(key + ".crossfade", scene + ".crossfade");
  }
  return job;
}

}  // namespace dreamreel::job
