// The cost of a job, found without rendering it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/footage/sound_track.h"
#include "dreamreel/job/job.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::study {

/// The time of the ascent for the first frame of a shot, and on average for each further frame.
struct ShotSeconds {
  double first_frame = 0, next_frame = 0;
};

struct OutputCost {
  std::filesystem::path path;
  double mib = 0;  ///< rough: from bits per pixel that are typical of dreamed pictures
  /// For encoding it after the last frame is dreamed, measured; 0 if it is encoded meanwhile.
  double encoding_seconds = 0;
};

struct OctaveSize {
  std::int64_t width = 0, height = 0;  ///< px
};

struct Estimate {
  int width = 0, height = 0;  ///< of a frame, px
  double frames_per_second = 0;
  std::vector<schedule::Shot> shots;  ///< found in one pass over the source
  std::vector<schedule::Fade> fades;  ///< cross-fades; each frame of them is dreamed twice or more
  std::int64_t segments = 0;          ///< number of part files
  std::int64_t frames = 0;            ///< frames in the range
  std::int64_t dreamed = 0;   ///< of these, frames that are dreamed instead of filled in (temporal.every)
  std::int64_t backward = 0;  ///< additional frames that backward passes dream (temporal.passes)
  std::int64_t run_in = 0;    ///< additional frames that a loop dreams before them
  std::vector<OctaveSize> octaves;  ///< of the first frame; the finest, the frame itself, comes first
  double step_seconds = 0;          ///< one ascent step at full size, measured; the slowest of the shots
  std::vector<ShotSeconds> shot_seconds;  ///< one for each shot: scenes differ in octaves, networks, ...
  /// Averages of shot_seconds, over the shots and over the other dreamed frames.
  double first_frame_seconds = 0, next_frame_seconds = 0;
  double mask_seconds = 0;   ///< for each frame, for masks that networks make
  double total_seconds = 0;  ///< with the encoding of all outputs
  /// Peak memory of the whole process. It is measured after one step, plus the frames that wait between
  /// threads.
  double peak_memory_mib = 0;
  /// Of the sound, if it has beats, and if it is a song or the job reads it.
  std::optional<footage::Rhythm> rhythm;
  std::string tiles;                ///< how a frame is split for its passes, in words; "" if it is not
  std::vector<OutputCost> outputs;  ///< in the order of the job
  double output_mib = 0;            ///< of all outputs
  /// What the work folder holds before the outputs are made. Of several outputs, that is every frame, without
  /// loss.
  double work_mib = 0;
  bool source_damaged = false;
  std::string damage;  ///< what is wrong with the source; "" if it is whole
};

/// Decodes the source once for its cuts, loads the networks and times one ascent step at the frame's size for
/// each set of objectives that begins a shot. The curves are read at some frames of each shot. For `memory`,
/// see RenderOptions. Throws the errors that render() would throw before its first frame.
Estimate estimate(const job::Job& job, const schedule::FrameRange& frames, std::int64_t memory = 0);

/// Peak resident memory of this process so far, MiB.
double peak_memory_mib();

}  // namespace dreamreel::study
