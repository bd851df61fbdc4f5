// One frame of a job with several values of a key or two, side by side: to choose by looking.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::study {

inline constexpr std::size_t kMostVariations = 256;

/// A key and the values that it takes in turn.
struct Axis {
  std::string key;                  ///< "dream.step"
  std::vector<std::string> values;  ///< YAML, each as --set has it behind the "="
};

/// "dream.step=1,2,4", where commas within brackets, braces or quotes belong to a value, or "seed=1..4",
/// which are whole numbers, both ends included. Throws UsageError.
Axis parse_axis(const std::string& text);

/// The overrides of each combination, one for each axis, the last axis changing fastest. Throws UsageError
/// for none or more than two axes, or for more than `most` combinations.
std::vector<std::vector<std::string>> combinations(const std::vector<Axis>& axes,
                                                   std::size_t most = kMostVariations);

struct Variation {
  std::vector<std::string> overrides;  ///< one for each axis: "dream.step=2"
  at::Tensor picture;                  ///< (3,H,W) float32 [0,1] CPU; undefined where there is a problem
  std::string problem;                 ///< why this job has no such frame; "" if it has
};

struct VaryOptions {
  std::vector<Axis> axes;  ///< one or two
  std::function<job::Job(const std::vector<std::string>& overrides)>
      load_job;  ///< throws what load_job() throws
  std::int64_t frame = 0;
  std::int64_t memory = 0;                                              ///< see render::RenderOptions
  const std::atomic<bool>* stop = nullptr;                              ///< may be null
  std::function<void(std::size_t done, std::size_t count)> progress{};  ///< may be empty
};

/// Renders the frame once for each combination. Each picture has the bits of `dreamreel render --frames
/// FRAME` with these overrides. A combination that is no job, or cannot be rendered, has a problem in place
/// of a picture. Throws what combinations() throws, Interrupted.
std::vector<Variation> vary(const VaryOptions& options);

/// Throws UsageError unless write_variations() takes the path.
void check_vary_path(const std::filesystem::path& path);

/// A sheet (.png), or a page that copies a variation's --set options when it is clicked (.html). Rows are
/// the first of two axes. Pictures are at most `side` px long. Throws IoError.
void write_variations(const std::vector<Axis>& axes, const std::vector<Variation>& variations, int side,
                      const std::filesystem::path& path);

}  // namespace dreamreel::study
