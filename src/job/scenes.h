// scenes: a whole look for each stretch of a job. Each scene is loaded as if its look stood in the job file.
// The jobs of all scenes are then joined into one job, in which curves change from scene to scene, and in
// which a cut begins each scene, or a cut with a cross-fade. So nothing behind the loading knows of scenes.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

struct Scene {
  TimePoint from;
  std::optional<TimePoint> crossfade;  ///< with the scene before; nullopt: it begins with a cut
  std::string look;
  Place place;  ///< of the look's name
  /// The number of youngest files down to the file that lists the scenes; 0 if the command line lists them.
  std::size_t own = 0;
};

/// Takes the key `scenes` out of a tree, and checks it. Empty if the tree has no scenes. Throws JobError.
std::vector<Scene> take_scenes(Value& root, Problems& problems);

/// Joins one job for each scene, in order. Throws JobError for a difference that cannot change within a job,
/// such as the optimizer.
Job joined(const std::vector<Scene>& scenes, const std::vector<Job>& jobs);

/// Describes the key. A tree that still has scenes is a resolved job, which must have none.
Row<Job> scenes_row();

}  // namespace dreamreel::job
