// What is wrong with an output, found without writing anything: for checks that come before a render.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/media/writer.h"

namespace dreamreel::media {

struct OutputFault {
  /// Whether something is wrong in itself, or only does not fit the present encoder or container: an option
  /// that other encoders have, or a value that this encoder refuses.
  enum class Kind { wrong, does_not_fit, value_refused } kind = Kind::wrong;
  ExitCode code = ExitCode::bad_job;
  std::string key;  ///< of a job: "output.path", "output.video.codec", "output.video.options.crf"
  std::string message;
};

/// Everything that Writer would refuse about container, encoder, pixel format, options and folder, and one
/// picture for several frames. Nothing is created; whether a folder takes files is found out with a file
/// without a name where the file system has them. `source.width` 0: the source is not known, and whether the
/// encoder takes its size is not asked.
std::vector<OutputFault> find_output_faults(const WriterOptions& options, const VideoInfo& source);

/// The numbers of the pictures that exist, rising, if `path` is a number pattern; empty for other paths.
std::vector<std::int64_t> picture_numbers(const std::filesystem::path& path);

/// Whether `path` is a number pattern ("out/%06d.png").
bool is_number_pattern(const std::filesystem::path& path);

/// The picture of one number of a pattern.
std::filesystem::path picture_of_number(const std::filesystem::path& pattern, std::int64_t number);

}  // namespace dreamreel::media
