// Finds the work folders of earlier renders. A work folder lies beside the first output of its render.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "dreamreel/job/job.h"

namespace dreamreel::prepare {

/// The work folder that holds what is kept of an output: the one beside it, or else one in the same folder or
/// in the folder around it whose plan lists the output. For numbered pictures, `output` is their pattern or
/// one of them. nullopt if there is none.
std::optional<std::filesystem::path> kept_work_of(const std::filesystem::path& output);

/// A warning for a job whose own work folder has no plan, while an earlier render of the same source into one
/// of its outputs has a work folder elsewhere, which this job does not use. nullopt without such a folder.
std::optional<std::string> work_left_elsewhere(const job::Job& job);

}  // namespace dreamreel::prepare
