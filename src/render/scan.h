// What looking for cuts found out about every frame of a source, kept between runs. A clip of half an hour then need not be
// decoded by each `check`, and by each render of a part of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/schedule/first_pass.h"

namespace dreamreel::render {

/// Of all frames of an undamaged source, from the run-in's first one on.
struct Scan {
  std::vector<std::int64_t> cuts;  ///< entries that begin a shot, rising
  std::vector<std::int64_t> pts;
  std::vector<double> seconds;
};

/// `source_key` is FrameSource::key(); nothing is kept for "".
std::optional<Scan> kept_scan(const std::string& source_key);
void keep_scan(const std::string& source_key, const Scan& scan);

/// The first pass over `range`, as find_shots() makes it of the same frames; its shots are empty if the range holds no frame.
/// Without `find_cuts` all is one shot.
schedule::FirstPass pass_of(const Scan& scan, const schedule::FrameRange& range, const schedule::Loop& loop,
                            bool find_cuts);

}  // namespace dreamreel::render
