// Beats lie where the music has a rhythm, and obey the rules that a job gives.
#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <random>

#include "dreamreel/media/sound_analysis.h"
#include "dreamreel/media/sound_cache.h"
#include "sound_ranges.h"
#include "sound_tracks.h"
#include "support/files.h"

namespace dreamreel::media {
namespace {

using test::ScratchDir;
using test::write_wav;

// A bass drum and a snare in turn, twice a second.
double drums(double t) {
  const double since = t - 0.5 * std::floor(t / 0.5 + 1e-9);
  const bool is_snare = static_cast<int>(t / 0.5 + 1e-9) % 2 == 1;
  std::minstd_rand random(static_cast<unsigned>(t * 48000) + 1);
  random.discard(2);
  const double noise = 2.0 * static_cast<double>(random()) / static_cast<double>(std::minstd_rand::max()) - 1;
  return is_snare ? 0.5 * noise * std::exp(-30 * since) : 0.7 * test::sine(50, since) * std::exp(-20 * since);
}

// A pad: its loudness swells and ripples, but it has no beats.
double chord(double t) {
  return 0.1 * std::min(1.0, t / 3) * (test::sine(220, t) + test::sine(277.2, t) + test::sine(329.6, t));
}

struct Passages {
  std::string name;
  std::function<double(double)> sound;
  std::vector<std::pair<double, double>> with_beats;  // seconds
};

class EveryPassage : public testing::TestWithParam<Passages> {};

TEST_P(EveryPassage, HasBeatsWhereThereIsRhythmAlone) {
  const ScratchDir scratch;
  write_wav(scratch / "song.wav", 40, 48000, 1, [&](double t, int) { return GetParam().sound(t); });
  const auto analysis = analyse_sound(range_of(scratch / "song.wav", {25, 1}));
  std::vector<double> made;
  for (const double beat : multiples(0.5, 40))
    for (const auto& [begin, end] : GetParam().with_beats)
      if (beat >= begin - 1e-9 && beat < end - 1e-9) made.push_back(beat);
  EXPECT_GE(share_found(made, analysis.beats, 0.02), 0.97) << testing::PrintToString(analysis.beats);
  EXPECT_EQ(share_found(analysis.beats, made, 0.02), 1) << testing::PrintToString(analysis.beats);
  EXPECT_NEAR(analysis.tempo_bpm, 120, 0.2);
}

const Passages kPassages[] = {
    {"Intro", [](double t) { return chord(t) + (t < 20 ? 0 : drums(t)); }, {{20, 40}}},
    {"Outro", [](double t) { return chord(t) + (t < 20 ? drums(t) : 0); }, {{0, 20}}},
    {"Break", [](double t) { return chord(t) + (t < 14 || t >= 26 ? drums(t) : 0); }, {{0, 14}, {26, 40}}},
    {"SoftDrums", [](double t) { return (t < 20 ? 0.05 : 1) * drums(t); }, {{0, 40}}},
    {"ThenSilence", [](double t) { return t < 20.05 ? chord(t) + drums(t) : 0; }, {{0, 20.05}}}};

INSTANTIATE_TEST_SUITE_P(SoundAnalysis, EveryPassage, testing::ValuesIn(kPassages),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(SoundAnalysis, APadAloneHasNoBeats) {
  const ScratchDir scratch;
  const auto saw = [](double hz, double t) { return hz * t - std::floor(hz * t) - 0.5; };
  write_wav(scratch / "chord.wav", 24, 48000, 1, [](double t, int) { return 2 * chord(t); });
  write_wav(scratch / "saws.wav", 24, 48000, 1, [&](double t, int) {
    return 0.2 * (saw(110, t) + saw(110.7, t) + saw(164.8, t) + saw(165.3, t));
  });
  for (const char* const name : {"chord.wav", "saws.wav"})
    EXPECT_TRUE(analyse_sound(range_of(scratch / name)).beats.empty()) << name;
}

// Writes 20 s of music: a quiet pad, with drums from 4 s to 16 s, and then silence. The drums beat first at
// `first`, and then every `period` seconds.
std::filesystem::path drums_between(const ScratchDir& scratch, double first, double period) {
  const auto file = scratch / "drums.wav";
  write_wav(file, 20, 22050, 1, [=](double t, int) {
    const double pad = t < 16 ? 0.008 * test::sine(220, t) : 0;
    const double since = t - first;
    const bool plays = t >= 4 && t < 16 && since >= 0;
    return pad + (plays ? 0.5 * test::clicks(period, since) + 0.3 * test::bass_line(period, since) : 0);
  });
  return file;
}

SoundAnalysis with_rules(const std::filesystem::path& file, const BeatRules& rules) {
  SoundRange range = range_of(file);
  range.beats = rules;
  return analyse_sound(range);
}

TEST(SoundAnalysis, ASettledTempoIsExactlyPeriodic) {
  const ScratchDir scratch;
  const double period = 60.0 / 131;
  const auto file = drums_between(scratch, 4.1, period);
  const auto found = with_rules(file, {131, 131});
  EXPECT_EQ(found.tempo_bpm, 131);
  ASSERT_FALSE(found.beats.empty());
  EXPECT_NEAR(found.beats.front(), 4.1, 0.006) << "not in the quiet intro";
  EXPECT_LT(found.beats.back(), 16) << "not behind the end";
  EXPECT_GT(found.beats.back(), 16 - period);
  const auto given = with_rules(file, {131, 131, 0.12});
  EXPECT_EQ(given.beats.front(), 0.12) << "as the job says";
  for (std::size_t i = 0; i < given.beats.size(); ++i)
    EXPECT_NEAR(given.beats[i], 0.12 + static_cast<double>(i) * period, 1e-12);
  EXPECT_LT(given.beats.back(), 16);
  EXPECT_EQ(given.levels[static_cast<std::size_t>(24 * (0.12 + period))].beat, 1);
}

// Music that stops exactly where a beat would be has no beat there.
TEST(SoundAnalysis, NoBeatFallsWhereTheMusicStops) {
  const ScratchDir scratch;
  const auto file = scratch / "stops.wav";
  for (const double end : {10.0, 9.5}) {
    write_wav(file, 12, 22050, 1, [=](double t, int) {
      return t < end ? 0.4 * test::clicks(0.5, t) + 0.3 * test::sine(110, t) : 0.0;
    });
    for (const auto& rules : {BeatRules{120, 120}, BeatRules{120, 120, 0}, BeatRules{}}) {
      const auto beats = with_rules(file, rules).beats;
      ASSERT_FALSE(beats.empty());
      EXPECT_NEAR(beats.front(), 0, 0.01);
      EXPECT_NEAR(beats.back(), end - 0.5, 0.01);
    }
  }
}

// A tempo that the tracker would count at half, because 85 is nearer to 120 than 170 is to it.
TEST(SoundAnalysis, ARangeLimitsTheTempo) {
  const ScratchDir scratch;
  const auto file = scratch / "fast.wav";
  const double period = 60.0 / 174;
  write_wav(file, 14, 22050, 1, [=](double t, int) {
    return 0.6 * test::clicks(2 * period, t) + 0.25 * test::clicks(period, t);
  });
  EXPECT_NEAR(with_rules(file, {}).tempo_bpm, 87, 0.5);
  EXPECT_NEAR(with_rules(file, {160, 190}).tempo_bpm, 174, 0.5);
  const auto late = with_rules(file, {160, 190, 4 * period});
  ASSERT_FALSE(late.beats.empty());
  EXPECT_NEAR(late.beats.front(), 4 * period, 0.01);
}

TEST(SoundAnalysis, TheCacheKnowsTheRulesOfBeats) {
  const ScratchDir scratch;
  const auto file = scratch / "clicks.wav";
  write_wav(file, 6, 22050, 1, [](double t, int) { return 0.5 * test::clicks(0.5, t); });
  const auto beats_of = [&](const BeatRules& rules) {
    SoundRange range = range_of(file);
    range.beats = rules;
    return cached_sound(range, scratch / "cache").beats.size();
  };
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_EQ(beats_of({120, 120}), 12U);
    EXPECT_EQ(beats_of({60, 60}), 6U);
    EXPECT_EQ(beats_of({60, 60, 3.0}), 3U);
  }
}

}  // namespace
}  // namespace dreamreel::media
