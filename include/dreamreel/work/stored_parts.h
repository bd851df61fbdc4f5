// Which part files of a plan are there and whole.
#pragma once

#include <filesystem>
#include <vector>

#include "dreamreel/work/work_folder.h"

namespace dreamreel::work {

enum class PartState { whole, missing, damaged, of_another };

/// Reads the part of a segment. One whose key is not the plan's is of another job, and not read to its end; of one that is
/// damaged, a warning says why. `output` is the file that the parts are for.
PartState part_state(const schedule::Plan& plan, const schedule::Segment& segment, const WorkFolder& work,
                     const std::filesystem::path& output);

/// Whether a part with the segment's key is there; it is not read to its end.
bool has_label(const schedule::Plan& plan, const schedule::Segment& segment, const WorkFolder& work);

/// Whether every part of the pieces is there and whole; reads them all.
bool pieces_are_done(const schedule::Plan& plan, const std::vector<schedule::Piece>& pieces,
                     const WorkFolder& work, const std::filesystem::path& output);

}  // namespace dreamreel::work
