// An excerpt has the sound of its time.
#include "dreamreel/media/sound_excerpt.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "clips.h"
#include "dreamreel/core/error.h"

namespace dreamreel::media {
namespace {

constexpr std::size_t kHeading = 44;
constexpr int kRate = 48000;

// The samples of one side, in [-1,1].
std::vector<double> side_of(const std::string& wav, std::size_t side) {
  std::vector<double> samples;
  for (std::size_t at = kHeading + 2 * side; at + 1 < wav.size(); at += 4) {
    const auto low = static_cast<unsigned char>(wav[at]), high = static_cast<unsigned char>(wav[at + 1]);
    samples.push_back(static_cast<std::int16_t>(low | high << 8) / 32767.0);
  }
  return samples;
}

double loudest(const std::vector<double>& samples, double from_seconds, double to_seconds) {
  double most = 0;
  for (auto i = static_cast<std::size_t>(from_seconds * kRate); i < to_seconds * kRate && i < samples.size();
       ++i)
    most = std::max(most, std::abs(samples[i]));
  return most;
}

// Silent until second 1, then a tone: on the left alone where it is stereo.
std::filesystem::path song(const test::ScratchDir& scratch, const std::string& channels) {
  const auto path = scratch / "song.flac";
  test::ffmpeg({"-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*440*t)*gte(t\\,1)" + channels + ":s=44100:d=3",
                path.string()});
  return path;
}

TEST(SoundExcerpt, HasTheSoundOfItsTimeOnItsSide) {
  const test::ScratchDir scratch;
  const auto wav = sound_excerpt(song(scratch, "|0:c=stereo"), 0.5, 1);
  EXPECT_EQ(wav.substr(0, 4), "RIFF");
  ASSERT_EQ(wav.size(), kHeading + std::size_t{4} * kRate);
  const auto left = side_of(wav, 0), right = side_of(wav, 1);
  EXPECT_LT(loudest(left, 0, 0.49), 0.01);
  EXPECT_NEAR(loudest(left, 0.51, 1), 0.5, 0.01);
  EXPECT_LT(loudest(right, 0, 1), 0.01);
}

TEST(SoundExcerpt, OfOneChannelIsOnBothSides) {
  const test::ScratchDir scratch;
  const auto wav = sound_excerpt(song(scratch, ""), 1.5, 0.1);
  EXPECT_NEAR(loudest(side_of(wav, 0), 0, 0.1), 0.5, 0.01);
  EXPECT_EQ(side_of(wav, 0), side_of(wav, 1));
}

TEST(SoundExcerpt, IsSilentBeyondTheEndAndNeverTooLong) {
  const test::ScratchDir scratch;
  const auto wav = sound_excerpt(song(scratch, ""), 2.5, 1e9);
  EXPECT_EQ(wav.size(), kHeading + static_cast<std::size_t>(4 * kRate * kLongestExcerpt));
  EXPECT_EQ(loudest(side_of(wav, 0), 0.6, kLongestExcerpt), 0);
}

// Far starts are sought in the file, and some files have pictures where their sound has ended.
TEST(SoundExcerpt, IsSilentWhereItBeginsBeyondTheEnd) {
  const test::ScratchDir scratch;
  const auto clip = scratch / "clip.mkv";
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=32x32:rate=2:d=40", "-f", "lavfi", "-i", "sine=d=3",
                clip.string()});
  for (const auto& path : {clip, song(scratch, "")})
    for (const double start : {5.0, 30.0, 1000.0})
      EXPECT_EQ(loudest(side_of(sound_excerpt(path, start, 1), 0), 0, 1), 0) << path << " " << start;
}

TEST(SoundExcerpt, OfAFileWithoutSoundIsAnError) {
  const test::ScratchDir scratch;
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=32x32:d=1", (scratch / "mute.mkv").string()});
  EXPECT_THROW(sound_excerpt(scratch / "mute.mkv", 0, 1), InputError);
}

}  // namespace
}  // namespace dreamreel::media
