// What is left to do of a plan, as the files in its work folder tell.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <vector>

#include "dreamreel/schedule/outstanding.h"
#include "dreamreel/work/work_folder.h"

namespace dreamreel::work {

/// The key of a stored frame.
using KeyOf = std::function<schedule::FrameKey(std::int64_t frame)>;

/// How closely stored files are looked at.
enum class Look {
  whole,   ///< to their ends, with their checksums
  labels,  ///< at their labels alone: enough to tell what a render would do
};

/// What a work folder holds. All references must outlive the result; `key_of` is asked only where a segment has no part.
/// Parts and frames that are damaged or have another key count as not there; of damaged parts, a warning says so.
/// Questions throw Interrupted once `stop`, which may be null, is set.
schedule::Stored stored_in(const WorkFolder& work, const schedule::Plan& plan, KeyOf key_of,
                           const std::filesystem::path& output, const std::atomic<bool>* stop,
                           Look look = Look::whole);

/// schedule::find_outstanding() of what the work folder holds.
schedule::Outstanding find_outstanding(const schedule::Plan& plan, const schedule::Cadence& cadence,
                                       const std::vector<schedule::Piece>& pieces, const WorkFolder& work,
                                       KeyOf key_of, const std::filesystem::path& output,
                                       const std::atomic<bool>* stop, Look look = Look::whole);

}  // namespace dreamreel::work
