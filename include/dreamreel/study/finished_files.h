// What can be asked of finished files.
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
  std::filesystem::path source;  ///< "" for a job without one (noise)
  std::string filter;            ///< the job's input.filter and input.trim, so that frames correspond
  std::optional<TimePoint> trim_start, trim_end;
};

/// measure() on files. Throws InputError, DataError.
Measurement measure_files(const MeasureFiles& files, const MeasureOptions& options = {});

/// The job that a video or picture was made by, as YAML. Throws InputError for an unreadable file, DataError for one
/// that holds no job.
std::string embedded_job(const std::filesystem::path& file);

/// The pictures that exist of a numbered sequence ("out/%06d.png"), by rising numbers; empty for other paths.
std::vector<std::pair<std::int64_t, std::filesystem::path>> pictures_of_sequence(
    const std::filesystem::path& pattern);

}  // namespace dreamreel::study
