// Answers questions about finished files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dreamreel/core/time.h"
#include "dreamreel/study/measure.h"

namespace dreamreel::study {

struct MeasureFiles {
  std::filesystem::path output;
  std::filesystem::path source;  ///< "" for a job without a source (noise)
  std::string filter;            ///< the job's input.filter; with the trim below, frames correspond
  std::optional<TimePoint> trim_start, trim_end;
};

/// measure() for files. Throws InputError, DataError.
Measurement measure_files(const MeasureFiles& files, const MeasureOptions& options = {});

/// The job that made a video or picture, as YAML. Throws InputError for an unreadable file, and DataError for
/// a file that contains no job.
std::string embedded_job(const std::filesystem::path& file);

/// The existing pictures of a numbered sequence ("out/%06d.png"), in the order of their numbers. Empty for
/// other paths.
std::vector<std::pair<std::int64_t, std::filesystem::path>> pictures_of_sequence(
    const std::filesystem::path& pattern);

}  // namespace dreamreel::study
