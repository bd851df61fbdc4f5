// Every curve of a job as numbers, a row per frame, beside the sound that may drive it: what `check --curves` draws.
#pragma once

#include <string>
#include <vector>

#include "dreamreel/core/sound_levels.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/render.h"

namespace dreamreel::study {

struct CurveColumn {
  std::string path;            ///< the key: "dream.step", "camera.pan.0"
  std::vector<double> values;  ///< one a frame
  bool is_constant = false;    ///< no keyframe or expression ever moves it
};

struct CurveSheet {
  double frames_per_second = 0;
  std::vector<std::int64_t> frames;  ///< absolute numbers
  std::vector<double> seconds;       ///< of the job, for each frame
  std::vector<CurveColumn> columns;  ///< in the order of docs/job.md
  bool has_sound = false;            ///< without it, what follows is silence
  std::vector<SoundLevels> levels;   ///< one a frame, smoothed as the job says
  std::vector<float> peaks;          ///< one a frame: the largest |sample|
  std::vector<double> beats;         ///< in seconds of the job, within the frames
  double tempo_bpm = 0;              ///< of the whole job; 0 where there is no rhythm
};

/// Reads the sound, and the source where only decoding tells how many frames it has and when they are shown. Throws
/// InputError, JobError; UsageError for an empty range.
CurveSheet curve_sheet(const job::Job& job, const schedule::FrameRange& frames);

}  // namespace dreamreel::study
