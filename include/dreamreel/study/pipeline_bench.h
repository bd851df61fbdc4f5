// Where the time of a whole render goes: which stage works how long on which thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/core/trace.h"
#include "dreamreel/job/job.h"

namespace dreamreel::study {

struct PipelineResult {
  int width = 0, height = 0;
  std::int64_t frames = 0;
  double seconds = 0;              ///< from the call to the finished file
  double first_frame_seconds = 0;  ///< until the first frame was dreamed: networks loaded, cuts found
  double steps_seconds = 0;        ///< of that, in ascent steps
  std::vector<Trace::Total> stages;
  std::string device, precision;
  int threads = 0;
  double peak_mib = 0;
};

/// A clip of `frames` pictures with a texture that moves by some pixels a frame, 24 a second, written to `path` by
/// libx264. Throws IoError, JobError without that encoder.
void write_bench_clip(const std::filesystem::path& path, int width, int height, int frames);

/// Renders the job from its beginning, as render() does. Throws what that throws.
PipelineResult bench_pipeline(const job::Job& job);

}  // namespace dreamreel::study
