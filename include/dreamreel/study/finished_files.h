// Answers questions about finished files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dreamreel/core/time.h"
#include "dreamreel/job/job.h"
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

/// The existing pictures of an output of numbered pictures ("out/%06d.png"), rising, with the frames that
/// they stand for; those are below 0 for numbers before `output.first_number`. Empty for other outputs.
std::vector<std::pair<std::int64_t, std::filesystem::path>> pictures_of_sequence(const job::Output& output);

}  // namespace dreamreel::study
