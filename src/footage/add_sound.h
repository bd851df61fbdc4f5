// Gives a time of the job its sound, for curves and cuts that read it.
#pragma once

#include "dreamreel/curve/curve_time.h"
#include "dreamreel/footage/sound_track.h"

namespace dreamreel::footage {

/// Adds the levels and the beats. Both are valid as long as the track lives.
inline void add_sound(const SoundTrack& sound, curve::CurveTime& time) {
  time.sound = &sound.at(time.seconds);
  time.beats = sound.beats();
}

}  // namespace dreamreel::footage
