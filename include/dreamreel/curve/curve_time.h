// The place on the time line at which a curve is read.
#pragma once

#include "dreamreel/core/beat_grid.h"
#include "dreamreel/core/sound_levels.h"
#include "dreamreel/curve/own_values.h"

namespace dreamreel::curve {

struct CurveTime {
  double seconds = 0;             ///< from the start of the (trimmed) job
  double frames_per_second = 24;  ///< nominal; relates keyframes in frames to keyframes in seconds
  double frame = 0;  ///< absolute number of the frame; lies between two frames if the camera is integrated
  double duration_seconds = 0;         ///< length of the whole job; 0 if not known
  const SoundLevels* sound = nullptr;  ///< the sound at this frame; null without sound
  double tick_seconds = 0;          ///< step of the source's clock, to which `seconds` is rounded; 0: exact
  const BeatGrid* beats = nullptr;  ///< counts the sound's beats; null without sound, or without a rhythm
  const OwnValues* own = nullptr;   ///< the job's own variables; null if none is read
};

}  // namespace dreamreel::curve
