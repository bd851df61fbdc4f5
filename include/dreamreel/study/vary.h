// Renders one frame of a job with several values of one or two keys, so that a person can compare and choose.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/job/job.h"

namespace dreamreel::study {

inline constexpr std::size_t kMostVariations = 256;

/// A key and its values.
struct Axis {
  std::string key;                  ///< "dream.step"
  std::vector<std::string> values;  ///< YAML, each as after the "=" of --set
};

/// Parses "dream.step=1,2,4" or "seed=1..4". Commas within brackets, braces or quotes belong to a value. A
/// range means all integers from its first to its last number. Throws UsageError.
Axis parse_axis(const std::string& text);

/// The overrides of each combination, one for each axis. The last axis changes fastest. Throws UsageError
/// unless there are one or two axes and at most `most` combinations.
std::vector<std::vector<std::string>> combinations(const std::vector<Axis>& axes,
                                                   std::size_t most = kMostVariations);

struct Variation {
  std::vector<std::string> overrides;  ///< one for each axis: "dream.step=2"
  at::Tensor picture;   ///< (3,H,W) float32 in [0,1] on the CPU; undefined if there is a problem
  std::string problem;  ///< why this job has no such frame; "" if it has one
  ExitCode code = ExitCode::bad_job;  ///< of the problem
};

struct VaryOptions {
  std::vector<Axis> axes;  ///< one or two
  /// Loads the job with these overrides. Throws the errors of job::load_job().
  std::function<job::Job(const std::vector<std::string>& overrides)> load_job;
  std::int64_t frame = 0;
  std::int64_t memory = 0;                                              ///< see render::RenderOptions
  const std::atomic<bool>* stop = nullptr;                              ///< may be null
  std::function<void(std::size_t done, std::size_t count)> progress{};  ///< may be empty
};

/// Renders the frame once for each combination. Each picture has the bits of `dreamreel render --frames
/// FRAME` with these overrides. A combination that is not a valid job, or that cannot be rendered, has a
/// problem instead of a picture. Throws the errors of combinations(), Interrupted, and what is no matter of
/// one combination: a missing network or clip, a full disk.
std::vector<Variation> vary(const VaryOptions& options);

/// Throws UsageError unless write_variations() accepts the path.
void check_vary_path(const std::filesystem::path& path);

/// Writes a sheet (.png) or a page (.html). A click on a variation of the page copies its --set options. With
/// two axes, rows show the first axis. Pictures are at most `side` px long. Throws IoError.
void write_variations(const std::vector<Axis>& axes, const std::vector<Variation>& variations, int side,
                      const std::filesystem::path& path);

}  // namespace dreamreel::study
