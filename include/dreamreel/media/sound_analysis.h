// Describes the sound at each video frame by numbers that can move pictures: loudness, bands, onsets, beats.
// Makes one pass over the decoded sound of a file; reads no pictures. docs/sound.md has every formula. The
// functions are pure and may be called from any thread.
//
// Times are seconds from the start of the analysed range, which is where frame 0 begins; frame n spans [n,
// n+1) / frame_rate. Levels in dB are RMS against a sine of full scale (AES17), summed over all channels.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "dreamreel/core/sound_levels.h"
#include "dreamreel/core/time.h"

namespace dreamreel::media {

/// Band limits in Hz, half-open: bass [20, 250), mid [250, 4000), treble [4000, 16000).
constexpr double kBassFrom = 20, kMidFrom = 250, kTrebleFrom = 4000, kTrebleTo = 16000;
/// Sound below this, in dB and in LUFS, is silence: all its levels are 0.
constexpr double kSilence = -60;

/// Where beats may be. Tempi are in beats a minute, from kLeastBpm to kMostBpm.
struct BeatRules {
  double slowest_bpm = 60, fastest_bpm = 200;
  /// The first beat, in seconds. Beats before it are dropped. nullopt: it is found.
  std::optional<double> first_beat_seconds{};
  /// Equal limits settle the tempo: all beats then have exactly the same distance.
  bool is_settled() const { return slowest_bpm == fastest_bpm; }
  bool operator==(const BeatRules&) const = default;
};
constexpr double kLeastBpm = 30, kMostBpm = 300;

struct SoundRange {
  std::filesystem::path path;  ///< any file with sound that libav reads; its best sound track is taken
  double start_seconds = 0;    ///< time of frame 0, from the file's beginning (see media/reader.h)
  Rational frame_rate{24, 1};
  std::optional<std::int64_t> frame_count;  ///< nullopt: until the sound ends
  BeatRules beats{};
};

struct SoundAnalysis {
  /// One per frame, not smoothed, until the range or the sound ends. Later frames are silent.
  std::vector<SoundLevels> levels;
  std::vector<float> peaks;  ///< as long as `levels`: the largest |sample| of any channel; 1 is full scale
  /// Seconds, rising; from where the music begins to where it ends. Empty without a rhythm.
  std::vector<double> beats;
  double tempo_bpm = 0;  ///< tempo of the beats; 0 without beats
  bool operator==(const SoundAnalysis&) const = default;
};

/// Decodes from about the start of the range to its end. Sound outside the range counts for nothing, except
/// that the windows of the first and last frames (21 ms, for loudness 200 ms) reach past the borders. Damaged
/// packets are skipped. Throws InputError for a file that is unreadable, has no sound, or has no sound that
/// can be decoded.
SoundAnalysis analyse_sound(const SoundRange& range);

/// Time constants of an exponential, in seconds; 0 follows at once.
struct AttackRelease {
  double attack_seconds = 0, release_seconds = 0;
};
struct SoundSmoothing {
  AttackRelease loudness, bass, mid, treble, onset, beat;
};

/// y[n] = x[n] + (y[n-1] - x[n]) * exp(-1 / (frame_rate * tau)), with y[-1] = 0. tau is the attack if x[n] >
/// y[n-1], else the release. The filter runs over the whole track, so a frame has the same value wherever a
/// render begins.
std::vector<SoundLevels> smoothed(std::vector<SoundLevels> levels, Rational frame_rate,
                                  const SoundSmoothing& smoothing);

}  // namespace dreamreel::media
