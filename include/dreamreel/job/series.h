// The numbers over time that a job takes from files of other programs.
#pragma once

#include <filesystem>

#include "dreamreel/curve/series_rules.h"

namespace dreamreel::job {

struct SeriesFile {
  std::filesystem::path file;
  curve::SeriesRules rules;
  bool operator==(const SeriesFile&) const = default;
};

}  // namespace dreamreel::job
