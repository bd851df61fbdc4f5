// Loads a job with all its scenes: one job for each scene, which are then joined into one (scenes.h).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "chain.h"
#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

/// Builds the tree of the job file: with the look of `scene`, or as it stands. Adds faults to the problems.
using TreeOf = std::function<Value(const std::optional<AskedLook>& scene, Problems&)>;

/// The job of the tree; a job with scenes is loaded once for each scene. Adds the places of all keys to
/// `places`. Throws JobError with the faults of all scenes.
Job job_of_trees(const TreeOf& tree_of, const std::filesystem::path& path, const LoadOptions& options,
                 settings::KeyPlaces& places);

}  // namespace dreamreel::job
