// The tests make sound whose content is known. The analysis must find exactly that content, at the right
// frame.
#include "dreamreel/media/sound_analysis.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <random>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "sound_features.h"
#include "sound_ranges.h"
#include "sound_scaling.h"
#include "sound_tracks.h"

namespace dreamreel::media {
namespace {

using test::ScratchDir;
using test::write_wav;
using testing::HasSubstr;

constexpr double kFullScale = 0.9;

std::vector<double> frames_of(const std::vector<SoundLevels>& levels, double SoundLevels::*variable,
                              double at_least) {
  std::vector<double> frames;
  for (std::size_t i = 0; i < levels.size(); ++i)
    if (levels[i].*variable >= at_least) frames.push_back(static_cast<double>(i));
  return frames;
}

struct Rate {
  std::string name;
  Rational value;
};

class AtEveryRate : public testing::TestWithParam<Rate> {};

TEST_P(AtEveryRate, ClicksOverABassLineGiveTempoAndBeats) {
  const ScratchDir scratch;
  constexpr double kSeconds = 60;
  const bool once = GetParam().name == "24";
  for (const double bpm : once ? std::vector{120.0, 93.0, 140.0} : std::vector{120.0}) {
    const double period = 60 / bpm;
    const auto file = scratch / "song.wav";
    write_wav(file, kSeconds, 44100, 2, [&](double t, int) {
      return 0.5 * test::clicks(period, t) + 0.3 * test::bass_line(period, t);
    });
    const double fps = GetParam().value.value();
    const auto analysis = analyse_sound(range_of(file, GetParam().value));
    EXPECT_NEAR(analysis.tempo_bpm, bpm, bpm == 120 ? 0.1 : 0.2);
    const auto made = multiples(period, kSeconds);
    EXPECT_GE(share_found(made, analysis.beats, 1 / fps), 0.99) << bpm;
    EXPECT_GE(share_found(made, analysis.beats, 0.006), 0.95) << bpm << ": the tracker's own accuracy";
    EXPECT_GE(share_found(analysis.beats, made, 1 / fps), 0.99) << bpm << ": no beats where there are none";
    std::vector<double> made_frames;
    for (const double beat : made) made_frames.push_back(std::floor(beat * fps + 1e-6));
    EXPECT_GE(share_found(made_frames, frames_of(analysis.levels, &SoundLevels::beat, 1), 1), 0.99);
  }
}

// Single clicks at all places within a frame, including its very beginning.
TEST_P(AtEveryRate, AClickPeaksInTheFrameThatShowsIt) {
  const ScratchDir scratch;
  const auto file = scratch / "clicks.wav";
  const double frame = 1 / GetParam().value.value();
  constexpr int kClicks = 20, kFramesApart = 30;
  const auto starts_at = [&](int i) {  // from 0 to 0.95 of a frame, on a sample
    return std::ceil((10 + i * kFramesApart + static_cast<double>(i) / kClicks) * frame * 48000 - 1e-6) /
           48000;
  };
  write_wav(file, (10 + kClicks * kFramesApart) * frame, 48000, 1, [&](double t, int) {
    const int i = std::clamp(static_cast<int>(std::floor((t / frame - 9) / kFramesApart)), 0, kClicks - 1);
    const double since = t - starts_at(i);
    return since > -1e-7 && since < 0.002 ? kFullScale * (1 - since / 0.002) : 0.0;
  });
  const auto levels = analyse_sound(range_of(file, GetParam().value)).levels;
  for (const auto variable :
       {&SoundLevels::treble, &SoundLevels::mid, &SoundLevels::bass, &SoundLevels::onset}) {
    for (std::ptrdiff_t i = 0; i < kClicks; ++i) {
      const auto begin = levels.begin() + i * kFramesApart;
      const auto top = std::max_element(begin, begin + kFramesApart, [&](const auto& a, const auto& b) {
        return a.*variable < b.*variable;
      });
      EXPECT_EQ(top - levels.begin(), 10 + i * kFramesApart) << "click " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rates, AtEveryRate,
                         testing::Values(Rate{"24", {24, 1}}, Rate{"25", {25, 1}},
                                         Rate{"29_97", {30000, 1001}}, Rate{"60", {60, 1}}),
                         [](const auto& param_info) { return param_info.param.name; });

double db(double level) {
  return 20 * std::log10(std::max(level, 1e-9));
}

TEST(SoundAnalysis, BandsSeparateTestTones) {
  const ScratchDir scratch;
  struct Tone {
    double hz;
    double BandLevels::*band;
    double SoundLevels::*variable;
  };
  for (const auto& [hz, band, variable] :
       {Tone{40, &BandLevels::bass, &SoundLevels::bass}, Tone{100, &BandLevels::bass, &SoundLevels::bass},
        Tone{200, &BandLevels::bass, &SoundLevels::bass}, Tone{350, &BandLevels::mid, &SoundLevels::mid},
        Tone{1000, &BandLevels::mid, &SoundLevels::mid}, Tone{3800, &BandLevels::mid, &SoundLevels::mid},
        Tone{4200, &BandLevels::treble, &SoundLevels::treble},
        Tone{8000, &BandLevels::treble, &SoundLevels::treble},
        Tone{15000, &BandLevels::treble, &SoundLevels::treble}}) {
    const auto file = scratch / "tone.wav";
    write_wav(file, 3, 48000, 1, [hz = hz](double t, int) { return 0.5 * test::sine(hz, t); });
    const auto features = measure_sound(range_of(file));
    const auto levels = analyse_sound(range_of(file)).levels;
    for (std::size_t i = 5; i + 5 < levels.size(); ++i) {  // not near the tone's beginning or end
      const BandLevels& there = features.bands[i];
      EXPECT_NEAR(db(there.*band), -6.02, 0.6) << hz;
      EXPECT_GE(levels[i].*variable, 0.95) << hz;
      for (const auto other : {&BandLevels::bass, &BandLevels::mid, &BandLevels::treble})
        if (other != band) {
          EXPECT_GE(db(there.*band) - db(there.*other), 20) << hz;
        }
      // Scaling raises bands that are up to 30 dB below the loudest band. So the variables separate only
      // tones that are an octave or more away from a border.
      const bool is_far =
          std::abs(std::log2(hz / kMidFrom)) >= 1 && std::abs(std::log2(hz / kTrebleFrom)) >= 0.99;
      const double all = levels[i].bass + levels[i].mid + levels[i].treble;
      if (is_far) {
        EXPECT_NEAR(all, levels[i].*variable, 0.1) << hz << ": the other variables are 20 dB down";
      }
    }
  }
}

TEST(SoundAnalysis, SilenceAndHissAreZeros) {
  const ScratchDir scratch;
  std::minstd_rand random(1);
  const auto noise = [&](double amplitude) {
    return amplitude *
           (2.0 * static_cast<double>(random()) / static_cast<double>(std::minstd_rand::max()) - 1);
  };
  for (const double amplitude : {0.0, 1 / 32768.0, 0.0005}) {  // digital, dither, and a hiss of -68 dB
    const auto file = scratch / "silence.wav";
    write_wav(file, 5, 48000, 2, [&](double, int) { return noise(amplitude); });
    const auto analysis = analyse_sound(range_of(file));
    EXPECT_EQ(analysis.levels.size(), 120U);
    EXPECT_EQ(analysis.levels, std::vector<SoundLevels>(120)) << amplitude;
    EXPECT_TRUE(analysis.beats.empty());
    EXPECT_EQ(analysis.tempo_bpm, 0);
  }
}

TEST(SoundAnalysis, NothingBeginsWhereSoundBreaksOff) {
  const ScratchDir scratch;
  const auto file = scratch / "cut.wav";
  write_wav(file, 10, 48000, 1,
            [](double t, int) { return 0.5 * test::sine(440, t) + 0.3 * test::clicks(0.5, t); });
  const auto analysis = analyse_sound(range_of(file));
  ASSERT_EQ(analysis.beats.size(), 20U);
  EXPECT_NEAR(analysis.beats.back(), 9.5, 0.006);
  for (std::size_t i = 232; i < 240; ++i) EXPECT_EQ(analysis.levels[i].onset, 0) << i;
}

TEST(SoundAnalysis, SilenceBetweenSoundIsZeros) {
  const ScratchDir scratch;
  const auto file = scratch / "gap.wav";
  write_wav(file, 30, 48000, 1, [&](double t, int) {
    return t < 10 || t >= 20 ? 0.5 * test::clicks(0.5, t) + 0.3 * test::bass_line(0.5, t) : 0;
  });
  const auto analysis = analyse_sound(range_of(file));
  for (std::size_t i = 246; i < 474; ++i) EXPECT_EQ(analysis.levels[i], SoundLevels{}) << i;
  for (const double beat : analysis.beats) EXPECT_TRUE(beat < 10.2 || beat > 19.8) << beat;
  EXPECT_GE(analysis.beats.size(), 38U);
  EXPECT_NEAR(analysis.tempo_bpm, 120, 0.2);
}

TEST(SoundAnalysis, NoiseAndToneHaveNoBeats) {
  const ScratchDir scratch;
  std::minstd_rand random(7);
  write_wav(scratch / "noise.wav", 30, 48000, 1, [&](double, int) {
    return 0.5 * (2.0 * static_cast<double>(random()) / static_cast<double>(std::minstd_rand::max()) - 1);
  });
  write_wav(scratch / "tone.wav", 30, 48000, 1, [](double t, int) { return 0.5 * test::sine(440, t); });
  EXPECT_EQ(analyse_sound(range_of(scratch / "noise.wav")).tempo_bpm, 0);
  EXPECT_EQ(analyse_sound(range_of(scratch / "tone.wav")).tempo_bpm, 0);
}

// A sound of full scale, of 20 dB less, and of 40 dB less, ten seconds each.
TEST(SoundAnalysis, LoudnessIsMomentaryLoudnessOnAScaleOf30Units) {
  const ScratchDir scratch;
  const auto file = scratch / "steps.wav";
  write_wav(file, 30, 48000, 2,
            [](double t, int) { return std::pow(10, -std::floor(t / 10)) * 0.5 * test::sine(1000, t); });
  const auto features = measure_sound(range_of(file));
  const auto levels = analyse_sound(range_of(file)).levels;
  // EBU Tech 3341: a stereo sine at 1 kHz of -23 dBFS is -23 LUFS.
  EXPECT_NEAR(features.loudness_lufs[120], -6.02, 0.1);
  EXPECT_NEAR(features.loudness_lufs[360], -26.02, 0.1);
  EXPECT_NEAR(levels[120].loudness, 1, 1e-6);
  EXPECT_NEAR(levels[360].loudness, 1 - 20.0 / 30, 0.01);
  EXPECT_EQ(levels[600].loudness, 0);
  // The window of the loudness is centred, so the loudness is half way down at the step.
  EXPECT_NEAR(features.loudness_lufs[240], -6.02 - 3.5, 1);
}

struct Format {
  std::string name;
  int rate, channels;
};

class EveryFormat : public testing::TestWithParam<Format> {};

TEST_P(EveryFormat, IsHeardAlike) {
  const ScratchDir scratch;
  const auto file = scratch / "song.wav";
  const int channels = GetParam().channels;
  write_wav(file, 20, GetParam().rate, channels, [&](double t, int c) {
    if (channels == 6 && c == 3) return 0.0;  // the low-frequency channel
    return 0.5 * test::clicks(0.5, t) + 0.3 * test::bass_line(0.5, t);
  });
  const auto analysis = analyse_sound(range_of(file, {25, 1}));
  EXPECT_EQ(analysis.levels.size(), 500U);
  EXPECT_NEAR(analysis.tempo_bpm, 120, 0.2);
  EXPECT_GE(share_found(multiples(0.5, 20), analysis.beats, 0.006), 0.95);
  const auto &first = analysis.levels[125 + 12], &between = analysis.levels[125 + 9];
  EXPECT_GT(first.mid, between.mid + 0.5);
  EXPECT_GT(first.onset, between.onset + 0.5);
  EXPECT_GT(first.bass, 0.5);
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat,
                         testing::Values(Format{"Mono8k", 8000, 1}, Format{"Stereo11k", 11025, 2},
                                         Format{"Mono44k", 44100, 1}, Format{"Surround48k", 48000, 6},
                                         Format{"Stereo96k", 96000, 2}, Format{"Mono192k", 192000, 1},
                                         Format{"Surround192k", 192000, 6}),
                         [](const auto& param_info) { return param_info.param.name; });

class EveryCodec : public testing::TestWithParam<std::pair<std::string, std::string>> {};

// Encoders pad and delay the sound, but the audible sound must keep its place.
TEST_P(EveryCodec, KeepsBeatsInPlace) {
  const auto& [codec, extension] = GetParam();
  const ScratchDir scratch;
  write_wav(scratch / "song.wav", 20, 48000, 2,
            [](double t, int) { return 0.5 * test::clicks(0.5, t) + 0.3 * test::bass_line(0.5, t); });
  test::ffmpeg(
      {"-i", (scratch / "song.wav").string(), "-c:a", codec, (scratch / ("song" + extension)).string()});
  const auto analysis = analyse_sound(range_of(scratch / ("song" + extension), {60, 1}));
  EXPECT_NEAR(analysis.tempo_bpm, 120, 0.2);
  EXPECT_GE(share_found(multiples(0.5, 20), analysis.beats, 1 / 60.0), 0.97);
}

INSTANTIATE_TEST_SUITE_P(Codecs, EveryCodec,
                         testing::Values(std::pair{"aac", ".m4a"}, std::pair{"libmp3lame", ".mp3"},
                                         std::pair{"libopus", ".ogg"}, std::pair{"flac", ".flac"},
                                         std::pair{"libvorbis", ".mkv"}, std::pair{"ac3", ".mp4"}),
                         [](const auto& param_info) { return std::string(param_info.param.first); });

TEST(SoundAnalysis, OppositeChannelsDoNotCancel) {
  const ScratchDir scratch;
  write_wav(scratch / "s.wav", 10, 48000, 2,
            [](double t, int c) { return (c == 0 ? 0.5 : -0.5) * test::clicks(0.5, t); });
  const auto analysis = analyse_sound(range_of(scratch / "s.wav"));
  EXPECT_NEAR(analysis.tempo_bpm, 120, 0.2);
  EXPECT_GE(frames_of(analysis.levels, &SoundLevels::onset, 0.8).size(), 18U);
}

// The range begins with the trim, and sound outside the range counts for nothing.
TEST(SoundAnalysis, IsCutToTheRange) {
  const ScratchDir scratch;
  const auto file = scratch / "song.wav";
  write_wav(file, 60, 48000, 1, [](double t, int) {
    if (t >= 20 && t < 40) return 0.05 * (test::clicks(0.5, t) + test::bass_line(0.5, t));
    return 0.9 * test::sine(90, t);
  });
  for (const double start : {20.0, 20.3}) {
    SoundRange range = range_of(file, {25, 1});
    range.start_seconds = start;
    range.frame_count = 450;
    const auto analysis = analyse_sound(range);
    ASSERT_EQ(analysis.levels.size(), 450U);
    EXPECT_NEAR(analysis.tempo_bpm, 120, 0.2);
    std::vector<double> made;
    for (int i = 0; i < 35; ++i) made.push_back(i * 0.5 + std::ceil((start - 20) * 2) / 2 - (start - 20));
    EXPECT_GE(share_found(made, analysis.beats, 0.006), 0.94) << start;
    EXPECT_GE(frames_of(analysis.levels, &SoundLevels::bass, 0.7).size(), 50U)
        << "the loud tone outside does not set the scale";
  }
  SoundRange late = range_of(file);
  late.start_seconds = 59;
  late.frame_count = 100;
  EXPECT_EQ(analyse_sound(late).levels.size(), 24U) << "until the sound ends";
}

// A video whose sound begins later than its picture, inside a container that does not begin at 0.
TEST(SoundAnalysis, KeepsTheContainersTimes) {
  const ScratchDir scratch;
  write_wav(scratch / "s.wav", 10, 48000, 1, [](double t, int) { return 0.5 * test::clicks(0.5, t); });
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=12", "-itsoffset", "1.2", "-i",
                (scratch / "s.wav").string(), "-map", "0:v", "-map", "1:a", "-c:v", "mpeg4", "-c:a", "mp2",
                "-output_ts_offset", "100", (scratch / "late.ts").string()});
  const auto analysis = analyse_sound(range_of(scratch / "late.ts", {25, 1}));
  std::vector<double> made;
  for (int i = 0; i < 19; ++i) made.push_back(1.2 + 0.5 * i);
  EXPECT_GE(share_found(made, analysis.beats, 0.02), 0.95) << testing::PrintToString(analysis.beats);
  for (std::size_t i = 0; i < 28; ++i) EXPECT_EQ(analysis.levels[i].treble, 0);
}

TEST(SoundAnalysis, TellsWhatIsWrongWithAFile) {
  const ScratchDir scratch;
  test::make_clip(scratch / "silent.mp4", "testsrc2=s=64x48:r=25:d=1");
  test::write_file(scratch / "broken.mp3", "this is no sound");
  EXPECT_THAT(test::message_of<InputError>([&] { analyse_sound(range_of(scratch / "silent.mp4")); }),
              HasSubstr("silent.mp4 has no sound"));
  EXPECT_THAT(test::message_of<InputError>([&] { analyse_sound(range_of(scratch / "none.mp3")); }),
              HasSubstr("no such file"));
  EXPECT_THROW(analyse_sound(range_of(scratch / "broken.mp3")), InputError);
}

TEST(SoundAnalysis, SmoothingIsAnExponentialWithTwoTimes) {
  std::vector<SoundLevels> levels(48);
  for (std::size_t i = 0; i < 24; ++i) levels[i].bass = 1;
  levels[0].beat = 1;
  SoundSmoothing smoothing;
  smoothing.bass = {0.1, 0.5};
  smoothing.beat = {0, 0.2};
  const auto smooth = smoothed(levels, {24, 1}, smoothing);
  for (std::size_t i = 0; i < 24; ++i) {
    const double seconds = static_cast<double>(i + 1) / 24;
    EXPECT_NEAR(smooth[i].bass, 1 - std::exp(-seconds / 0.1), 1e-12);
    EXPECT_NEAR(smooth[i + 24].bass, smooth[23].bass * std::exp(-seconds / 0.5), 1e-12);
    EXPECT_NEAR(smooth[i].beat, std::exp(-(seconds - 1.0 / 24) / 0.2), 1e-12);
  }
  EXPECT_EQ(smoothed(levels, {24, 1}, {}), levels) << "0 follows at once";
}

}  // namespace
}  // namespace dreamreel::media
