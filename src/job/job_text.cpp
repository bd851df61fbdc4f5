#include "dreamreel/job/job_text.h"

#include "load.h"
#include "preset.h"
#include "scene_jobs.h"
#include "shipped.h"

namespace dreamreel::job {

Job load_job_text(const std::string& text, const std::filesystem::path& path, const TextOptions& options,
                  KeyPlaces& places) {
  const auto tree_of = [&](const std::optional<AskedLook>& scene, Problems& problems) {
    Value root = load_tree_of_text(text, path, options.load, options.why_not_extend, scene, problems);
    settle_shipped(root, shipped_folder(), problems);
    expand_preset(root, problems);
    return root;
  };
  return job_of_trees(tree_of, path, options.load, places);
}

}  // namespace dreamreel::job
