// Every curve of a job as numbers, with one row for each frame, and the sound that may drive the curves.
// `check --curves` draws them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/core/sound_levels.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/render.h"

namespace dreamreel::study {

struct CurveColumn {
  std::string path;            ///< the key: "dream.step", "camera.pan.0"; or the name of a variable
  std::vector<double> values;  ///< one for each frame
  bool is_constant = false;    ///< no keyframe or expression changes it
};

struct CurveSheet {
  double frames_per_second = 0;
  std::vector<std::int64_t> frames;        ///< absolute numbers
  std::vector<double> seconds;             ///< time in the job, for each frame
  std::vector<CurveColumn> columns;        ///< in the order of docs/job.md
  std::vector<CurveColumn> own_variables;  ///< series and levels of stems that curves or cuts read, by name
  bool has_sound = false;                  ///< false: levels and peaks are silence
  std::vector<SoundValues> levels;         ///< one for each frame, smoothed as the job says
  std::vector<float> peaks;                ///< one for each frame: the largest |sample|
  std::vector<double> beats;               ///< times in the job, in seconds, within the frames
  std::vector<double> bars;                ///< times in the job at which bars begin; the first may be earlier
  std::int64_t first_bar = 0;              ///< number of the first of them, as `bar` counts
  double tempo_bpm = 0;                    ///< of the whole job; 0 if it has no rhythm
  std::filesystem::path sound_file;        ///< has the sound; empty without one
  double sound_start_seconds = 0;          ///< time in this file at which the job begins
};

/// Reads the sound. Also decodes the source, if this is the only way to find the number of frames and their
/// times. Throws InputError, JobError, and UsageError for an empty range, for more than 250,000 frames and
/// for more than 20 million values.
CurveSheet curve_sheet(const job::Job& job, const schedule::FrameRange& frames);

}  // namespace dreamreel::study
