// The instruments of the sound analysis. Each looks at a place in a SoundWindow and measures one thing. One
// thread at a time.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "sound_window.h"

namespace dreamreel::media {

/// aubio's FFT of a Hann window of each channel.
class Spectrum {
 public:
  explicit Spectrum(int size);  ///< length of the window in samples, a power of two
  ~Spectrum();
  Spectrum(const Spectrum&) = delete;
  Spectrum& operator=(const Spectrum&) = delete;

  int size() const { return size_; }
  double bin_hz() const { return static_cast<double>(kSoundRate) / size_; }
  /// The power of every bin from 0 to size/2 around `centre`, summed over the channels. It is scaled so that
  /// the sum over a peak is its mean square times two: 1 for a sine of full scale.
  const std::vector<float>& power_at(const SoundWindow& sound, std::int64_t centre);

 private:
  struct Aubio;
  int size_;
  std::vector<float> hann_;
  std::vector<float> power_;
  std::unique_ptr<Aubio> aubio_;
};

/// Root mean squares; a sine of full scale has the value 1.
struct BandLevels {
  double bass = 0, mid = 0, treble = 0;
};

class BandMeter {
 public:
  static constexpr int kWindow = 2048;
  BandLevels at(const SoundWindow& sound, std::int64_t centre);

 private:
  Spectrum spectrum_{kWindow};
};

/// The strength of beginnings in each band: aubio's spectral flux (Masri, 1996), which is the sum over bins
/// of the rise in magnitude since the last call. 0 in a silent band (kSilence), and for the ripple of a
/// steady tone.
class OnsetMeter {
 public:
  static constexpr int kWindow = 1024;
  static constexpr std::size_t kBands = 4;
  using Rise = std::array<float, kBands>;

  OnsetMeter();
  ~OnsetMeter();
  OnsetMeter(const OnsetMeter&) = delete;
  OnsetMeter& operator=(const OnsetMeter&) = delete;

  /// A Hann window rises steepest a quarter of its length before its middle, and falls steepest a quarter
  /// after it. So for a sound that begins at p, the largest rise is between two windows whose common middle
  /// lies a quarter window before p. Call this with the centre of the later window.
  Rise at(const SoundWindow& sound, std::int64_t centre);

 private:
  struct Band;
  Spectrum spectrum_{kWindow};
  std::vector<Band> bands_;
};

/// EBU R128 momentary loudness (EBU Tech 3341) by libebur128: K-weighted, 400 ms.
class LoudnessMeter {
 public:
  static constexpr std::int64_t kHalfWindow = kSoundRate / 5;
  LoudnessMeter(const std::vector<AVChannel>& channels, std::int64_t begin);
  ~LoudnessMeter();
  LoudnessMeter(const LoudnessMeter&) = delete;
  LoudnessMeter& operator=(const LoudnessMeter&) = delete;

  /// The loudness in LUFS of the 400 ms around `centre`, which must rise from call to call. -infinity for
  /// digital silence.
  double at(const SoundWindow& sound, std::int64_t centre);
  std::int64_t fed_until() const { return next_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::int64_t next_;  ///< end of the samples fed so far
  std::vector<float> interleaved_;
};

}  // namespace dreamreel::media
