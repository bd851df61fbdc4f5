// Tells where the time of a whole render goes: how long each stage works on each thread.
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
  double first_frame_seconds = 0;  ///< until the first frame is dreamed; networks are loaded, cuts found
  double steps_seconds = 0;        ///< part of `seconds` spent in ascent steps
  std::vector<Trace::Total> stages;
  std::string device, precision;
  int threads = 0;
  double peak_mib = 0;
};

/// Writes a clip of `frames` pictures to `path` with libx264: a texture that moves by some pixels a frame, 24
/// frames a second. Throws IoError, and JobError if FFmpeg lacks this encoder.
void write_bench_clip(const std::filesystem::path& path, int width, int height, int frames);

/// Renders the job from its beginning, as render() does. Throws the errors of render().
PipelineResult bench_pipeline(const job::Job& job);

}  // namespace dreamreel::study
