// What is left to do of a plan, as the files in its work folder tell.
#pragma once

#include <atomic>
#include <filesystem>
#include <vector>

#include "dreamreel/schedule/outstanding.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::work {

/// What a work folder holds. All references must outlive the result. Parts and frames that are damaged or foreign count as
/// not there; of parts, a warning says why. Questions throw Interrupted once `stop`, which may be null, is set.
schedule::Stored stored_in(const WorkFolder& work, const schedule::Plan& plan,
                           const std::filesystem::path& output, const std::atomic<bool>* stop);

/// schedule::find_outstanding() of what the work folder holds.
schedule::Outstanding find_outstanding(const schedule::Plan& plan, const schedule::Cadence& cadence,
                                       const std::vector<schedule::Piece>& pieces, const WorkFolder& work,
                                       const std::filesystem::path& output, const std::atomic<bool>* stop);

}  // namespace dreamreel::work
