// Keeps between runs what the search for cuts found about every frame of a source. So a clip of half an hour
// is not decoded again by each `check`, or by each render of a part of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/footage/asked_cuts.h"
#include "dreamreel/schedule/first_pass.h"

namespace dreamreel::footage {

/// Data of all frames of an undamaged source, beginning with the first frame of the run-in.
struct Scan {
  std::vector<std::int64_t> cuts;  ///< indices of the frames that begin a shot, rising
  std::vector<std::int64_t> pts;
  std::vector<double> seconds;
};

/// The kept scan of a source, or nullopt. `source_key` is FrameSource::key(). Nothing is kept for an empty
/// key.
std::optional<Scan> kept_scan(const std::string& source_key);
void keep_scan(const std::string& source_key, const Scan& scan);

/// The first pass over `range`, equal to the result of find_shots() for the same frames. Its shots are empty
/// if the range holds no frame. Without `takes_found`, the cuts of the scan do not count.
schedule::FirstPass pass_of(const Scan& scan, const schedule::FrameRange& range, const schedule::Loop& loop,
                            bool takes_found, AskedCuts& asked);

}  // namespace dreamreel::footage
