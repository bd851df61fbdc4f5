// Every look on one's own picture: a contact sheet with names.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/core/time.h"
#include "dreamreel/job/job.h"

namespace dreamreel::study {

struct LookSheetOptions {
  std::filesystem::path input;     ///< a picture, a clip or a pattern of numbered pictures
  std::optional<TimePoint> at;     ///< of a clip; nullopt: in its middle, where its length is known
  std::vector<std::string> looks;  ///< their names; empty: all
  job::LoadOptions load;           ///< the overrides hold for every look
  int side = 320;                  ///< longer side of a tile, px, from 64 to 2048
  const std::atomic<bool>* stop = nullptr;
  /// Called before each look with its number from 0, their number, and its name. May be empty.
  std::function<void(std::size_t, std::size_t, const std::string&)> progress{};
};

struct LookSheetResult {
  std::size_t dreamed = 0;           ///< tiles that show a look
  std::vector<std::string> missing;  ///< "arcimboldo: network file ... not found; ...", one line for each
};

/// Writes the sheet, a PNG: first the picture itself, then the looks in their order. A look that cannot be
/// dreamed has an empty tile that says so: its network or a picture that it needs is missing, or the frame is
/// too small for it. Throws UsageError for an output that does not end in .png, JobError for an unknown look
/// or a wrong override, InputError, IoError, Interrupted.
LookSheetResult write_look_sheet(const LookSheetOptions& options, const std::filesystem::path& output);

}  // namespace dreamreel::study
