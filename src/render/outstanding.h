// What is left to do of a plan, as the files in its work folder tell.
#pragma once

#include <vector>

#include "dreamreel/render/work_folder.h"

namespace dreamreel::render {

/// Frames of one piece in one go: begin..resume are there and only to be encoded, resume..end are to be dreamed.
struct Task {
  Piece piece;
  std::int64_t begin = 0;   ///< of a segment
  std::int64_t resume = 0;  ///< before `begin` while a piece warms up
  std::int64_t end = 0;     ///< of a segment

  /// Whether the dream goes on from the stored frame resume - 1.
  bool is_carried() const { return resume > piece.start; }
  /// The first source frame that has to be decoded.
  std::int64_t first_decoded() const { return std::min(begin, is_carried() ? resume - 1 : resume); }
};

struct Outstanding {
  std::vector<Task> tasks;
  std::int64_t frames_done = 0;  ///< of the pieces, those stored included
};

/// Parts that are damaged or foreign count as not there, with a warning. If a task needs the run-in of a loop, what is
/// missing of that comes first, as tasks whose frames have numbers below 0.
Outstanding find_outstanding(const Plan& plan, const std::vector<Piece>& pieces, const WorkFolder& work,
                             const std::filesystem::path& output, const std::atomic<bool>* stop);

}  // namespace dreamreel::render
