// Tells which part files of a plan exist and are whole.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/work/work_folder.h"

namespace dreamreel::work {

enum class PartState { whole, missing, damaged, of_another };

/// Reads the part of a segment. A part whose key is not the plan's belongs to another job, and is not read to
/// its end. A damaged part causes a warning with the reason. `output` is the file that the parts will be
/// joined to.
PartState part_state(const schedule::Plan& plan, const schedule::Segment& segment, const WorkFolder& work,
                     const std::filesystem::path& output);

/// A text that changes with everything that part_state() reads: sizes and times of change of the part, and of
/// the pictures that it only lists (media::parts_hold_frames()). "" if there is no part.
std::string facts_of_part(const schedule::Segment& segment, const WorkFolder& work,
                          const job::Output& output);

/// Whether a part with the segment's key exists. The part is not read to its end.
bool has_label(const schedule::Plan& plan, const schedule::Segment& segment, const WorkFolder& work);

/// Whether every part of the pieces exists and is whole. Reads all of them.
bool pieces_are_done(const schedule::Plan& plan, const std::vector<schedule::Piece>& pieces,
                     const WorkFolder& work, const std::filesystem::path& output);

}  // namespace dreamreel::work
