// An atlas as a file for people: a page for a browser, or one picture.
#pragma once

#include <filesystem>
#include <string>

#include "dreamreel/study/atlas.h"

namespace dreamreel::study {

/// One page that contains everything. It has a search, and a click (or Enter) on a tile copies its line for a
/// job.
std::string atlas_html(const Atlas& atlas);

/// Writes `path`, an .html or .png file, which appears only when it is complete. Throws UsageError for
/// another extension, and IoError.
void write_atlas(const Atlas& atlas, const std::filesystem::path& path);

/// Throws UsageError unless write_atlas() accepts the path. Call it before the work starts.
void check_atlas_path(const std::filesystem::path& path);

}  // namespace dreamreel::study
