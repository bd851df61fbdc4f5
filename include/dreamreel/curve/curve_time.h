// Where on the time line a curve is read.
#pragma once

#include "dreamreel/core/sound_levels.h"

namespace dreamreel::curve {

struct CurveTime {
  double seconds = 0;             ///< from the start of the (trimmed) job
  double frames_per_second = 24;  ///< nominal; relates keyframes in frames to keyframes in seconds
  double frame = 0;  ///< absolute number of the frame; between two frames where the camera is integrated
  double duration_seconds = 0;         ///< of the whole job; 0 if not known
  const SoundLevels* sound = nullptr;  ///< of this frame; null: there is no sound
  double tick_seconds = 0;             ///< how coarsely the source's clock gives `seconds`; 0: not at all
};

}  // namespace dreamreel::curve
