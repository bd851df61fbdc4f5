// Lists the frames that a work folder holds, whichever job they were rendered for. For looking at them: only
// keys tell whether a render would keep a frame (work/outstanding.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/schedule/ranges.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::work {

struct Rendered {
  std::vector<schedule::Segment> parts;  ///< rising by `begin`, as the parts' labels say
  std::vector<std::int64_t> current;     ///< the begins of the parts that belong to the folder's plan, rising
  std::vector<std::int64_t> frames;      ///< single stored frames from 0 on, rising
  std::int64_t first = 0;                ///< the first frame of the folder's plan

  /// The part that holds a frame, or nullptr.
  const schedule::Segment* part_with(std::int64_t frame) const;
  bool has(std::int64_t frame) const;
  /// The part that shows a frame, or nullptr. A single frame hides a part of an earlier plan, because it was
  /// stored later.
  const schedule::Segment* part_showing(std::int64_t frame) const;
};

/// Reads the labels of all parts. Files that are no parts or stored frames of a render are left out. Empty
/// where no work folder exists. Nothing is locked, so a render may change the folder meanwhile.
Rendered rendered_in(const WorkFolder& work);

/// The file with the picture of a stored frame as it is encoded, or as it is dreamed where only that exists.
std::filesystem::path shown_picture(const WorkFolder& work, std::int64_t frame);
/// Whether the picture there is labelled as the one that a job with this key shows.
bool shows(const WorkFolder& work, const schedule::FrameKey& key, std::int64_t frame);

}  // namespace dreamreel::work
