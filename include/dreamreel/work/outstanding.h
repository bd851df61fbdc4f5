// Finds what remains to be done of a plan, from the files in its work folder.
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

/// How thoroughly stored files are checked.
enum class Look {
  whole,   ///< files are read to their ends, and their checksums are compared
  labels,  ///< only labels are read, which is enough to predict what a render would do
};

/// Answers questions about the contents of a work folder. All references must outlive the result. `key_of` is
/// called only for segments without a part. Parts and frames that are damaged, or have another key, count as
/// missing; damaged parts also cause a warning. Questions throw Interrupted once `stop` is set, which may be
/// null.
schedule::Stored stored_in(const WorkFolder& work, const schedule::Plan& plan, KeyOf key_of,
                           const std::filesystem::path& output, const std::atomic<bool>* stop,
                           Look look = Look::whole);

/// Applies schedule::find_outstanding() to the contents of the work folder.
schedule::Outstanding find_outstanding(const schedule::Plan& plan, const schedule::Cadence& cadence,
                                       const std::vector<schedule::Piece>& pieces, const WorkFolder& work,
                                       KeyOf key_of, const std::filesystem::path& output,
                                       const std::atomic<bool>* stop, Look look = Look::whole);

}  // namespace dreamreel::work
