// What a job will cost, found out without rendering it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::study {

struct Estimate {
  int width = 0, height = 0;
  double frames_per_second = 0;
  std::vector<schedule::Shot> shots;  ///< from one pass over the source
  std::int64_t segments = 0;          ///< part files that the render is made of
  std::int64_t frames = 0;            ///< of the range
  std::int64_t dreamed = 0;           ///< of these, those that are not filled in (temporal.every)
  std::int64_t run_in = 0;            ///< frames that a loop dreams before them
  double step_seconds = 0;            ///< one ascent step at full size, measured
  double first_frame_seconds = 0, next_frame_seconds = 0;
  double mask_seconds = 0;  ///< of each frame, for masks that networks make
  double total_seconds = 0;
  double peak_memory_mib =
      0;              ///< of the whole process: measured after one step, and frames that wait between threads
  std::string tiles;  ///< how a frame is cut for its passes, in words; "" if it is not
  double output_mib = 0;  ///< rough: from bits per pixel typical of dreamed pictures
  bool source_damaged = false;
  std::string damage;
};

/// Decodes the source once for its cuts, loads the network and times one ascent step at the frame's size. `memory`: see
/// RenderOptions. Throws what render() would throw before its first frame.
Estimate estimate(const job::Job& job, const schedule::FrameRange& frames, std::int64_t memory = 0);

/// Peak resident memory of this process so far, MiB.
double peak_memory_mib();

}  // namespace dreamreel::study
