// The values of the sound at one video frame that an expression can read. kSoundVariables is the only list of
// them: expressions, messages, `check --curves`, the studio and docs/sound.md all read it.
#pragma once

#include <array>
#include <string_view>

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

/// The levels, and the place in the music. The counts are below 0 before the first beat; see BeatGrid.
struct SoundValues : SoundLevels {
  double beats = 0;   ///< beats since the first one; not whole between two beats
  double bar = 0;     ///< whole bars since the first beat
  double phrase = 0;  ///< whole phrases of four bars since the first beat
  bool operator==(const SoundValues&) const = default;
};

struct SoundVariable {
  std::string_view name;
  double SoundValues::*value;
  bool is_level;  ///< in [0,1] and smoothed; false for the counts
  std::string_view sentence;
};

inline constexpr std::array<SoundVariable, 9> kSoundVariables{{
    {"loudness", &SoundValues::loudness, true, "How loud the sound is to the ear, from 0 to 1."},
    {"bass", &SoundValues::bass, true, "Strength of the low sounds up to 250 Hz, from 0 to 1."},
    {"mid", &SoundValues::mid, true, "Strength of the sounds from 250 Hz to 4 kHz, from 0 to 1."},
    {"treble", &SoundValues::treble, true, "Strength of the high sounds from 4 kHz on, from 0 to 1."},
    {"onset", &SoundValues::onset, true, "Strength of the sounds that begin in this frame, from 0 to 1."},
    {"beat", &SoundValues::beat, true, "1 in the frame in which a beat falls, then falling to 0."},
    {"beats", &SoundValues::beats, false,
     "Beats since the first one; whole in the frame in which one falls."},
    {"bar", &SoundValues::bar, false, "Whole bars since the first beat: `floor(beats/meter)`."},
    {"phrase", &SoundValues::phrase, false,
     "Whole phrases of four bars since the first beat: `floor(bar/4)`."},
}};

}  // namespace dreamreel
