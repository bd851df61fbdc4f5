// An atlas as a file that a person looks at: a page for a browser, or one picture.
#pragma once

#include <filesystem>
#include <string>

#include "dreamreel/study/atlas.h"

namespace dreamreel::study {

/// One page with everything in it: search, and a click (or Enter) on a tile copies its line for a job.
std::string atlas_html(const Atlas& atlas);

/// Writes `path`, .html or .png, which appears only when it is whole. Throws UsageError for another extension, IoError.
void write_atlas(const Atlas& atlas, const std::filesystem::path& path);

/// Throws UsageError unless write_atlas() takes the path; so that this is known before the work.
void check_atlas_path(const std::filesystem::path& path);

}  // namespace dreamreel::study
