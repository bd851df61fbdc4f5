// The values of the sound at one video frame that an expression can read.
#pragma once

namespace dreamreel {

/// All values are in [0,1]; silence is all zeros. docs/sound.md has the formula of each.
struct SoundLevels {
  double loudness = 0;  ///< EBU R128 momentary loudness
  double bass = 0;      ///< energy of the low band
  double mid = 0;       ///< energy of the middle band
  double treble = 0;    ///< energy of the high band
  double onset = 0;     ///< strength of the sounds that begin at this frame
  double beat = 0;      ///< 1 on a beat, falling until the next beat
  bool operator==(const SoundLevels&) const = default;
};

}  // namespace dreamreel
