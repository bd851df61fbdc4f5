// Tells which part files of a plan exist and are whole.
#pragma once

#include <filesystem>
#include <vector>

#include "dreamreel/work/work_folder.h"

namespace dreamreel::work {

enum class PartState { whole, missing, damaged, of_another };

/// Reads the part of a segment. A part whose key is not the plan's belongs to another job, and is not read to
/// its end. A damaged part causes a warning with the reason. `output` is the file that the parts will be
/// joined to.
PartState part_state(const schedule::Plan& plan, const schedule::Segment& segment, const WorkFolder& work,
                     const std::filesystem::path& output);

/// Whether a part with the segment's key exists. The part is not read to its end.
bool has_label(const schedule::Plan& plan, const schedule::Segment& segment, const WorkFolder& work);

/// Whether every part of the pieces exists and is whole. Reads all of them.
bool pieces_are_done(const schedule::Plan& plan, const std::vector<schedule::Piece>& pieces,
                     const WorkFolder& work, const std::filesystem::path& output);

}  // namespace dreamreel::work
