// Tests which sound drives a job, and how it lines up with the frames.
#include "dreamreel/footage/sound_track.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "dreamreel/core/error.h"
#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/time_range.h"
#include "dreamreel/footage/timeline.h"
#include "support/sound_jobs.h"

namespace dreamreel::footage {
namespace {

using test::BeatsTest;
using test::SoundTrackTest;
using testing::AllOf;
using testing::HasSubstr;

// The number of the frame with the most treble.
std::int64_t burst_frame(const job::Job& job, const media::VideoInfo& info) {
  const auto sound = load_sound(job, info);
  if (!sound) return -1;
  std::int64_t loudest = 0;
  for (std::int64_t frame = 0; frame < 200; ++frame)
    if (sound->at(static_cast<double>(frame) / 25).treble >
        sound->at(static_cast<double>(loudest) / 25).treble)
      loudest = frame;
  return loudest;
}

TEST_F(SoundTrackTest, TheSourcesOwnSoundBeginsAtTheTrim) {
  EXPECT_EQ(burst_frame(job, info()), 50);
  job.input.trim_start = TimePoint{0.8, TimePoint::Unit::seconds};
  EXPECT_EQ(burst_frame(job, info()), 30);
  job.input.trim_start = TimePoint{40, TimePoint::Unit::frames};
  EXPECT_EQ(burst_frame(job, info()), 10);
}

TEST_F(SoundTrackTest, ASongBeginsWithTheJob) {
  job.input.audio = scratch / "song.wav";
  EXPECT_EQ(burst_frame(job, info()), 25);
  job.input.trim_start = TimePoint{0.8, TimePoint::Unit::seconds};
  EXPECT_EQ(burst_frame(job, info()), 25);
  job.input.path = scratch / "silent.mkv";
  EXPECT_EQ(burst_frame(job, info()), 25);
}

TEST_F(SoundTrackTest, IsSilentOutside) {
  const auto sound = load_sound(job, info());
  ASSERT_TRUE(sound);
  for (const double seconds : {-1.0, -0.04, 4.1, 1e9, -1e300, 1e300})
    EXPECT_EQ(sound->at(seconds), SoundLevels{});
}

TEST_F(SoundTrackTest, SmoothingIsTheJobs) {
  job.audio.treble.release_seconds = 0.5;
  const auto sound = load_sound(job, info());
  ASSERT_TRUE(sound);
  EXPECT_NEAR(sound->at(2.52).treble / sound->at(2.32).treble, std::exp(-0.2 / 0.5), 1e-6);
  EXPECT_EQ(sound->analysis().levels[60].treble, 0);
}

TEST_F(SoundTrackTest, IsKeptInTheCacheFolder) {
  EXPECT_EQ(burst_frame(job, info()), 50);
  const auto folder = std::filesystem::directory_iterator(scratch / "cache/dreamreel/sound");
  EXPECT_EQ(std::distance(begin(folder), end(folder)), 1);
}

TEST_F(SoundTrackTest, AJobWithoutSound) {
  job.input.path = scratch / "silent.mkv";
  EXPECT_FALSE(load_sound(job, info()));
  job.camera.zoom = curve::Curve({{{0, TimePoint::Unit::seconds}, 1},
                                  {{1, TimePoint::Unit::seconds}, curve::Expression("1+bass*beat")}});
  try {
    const Timeline timeline(job, info());
    ADD_FAILURE() << "expected a JobError";
  } catch (const JobError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("camera.zoom: reads the sound"), HasSubstr("input.audio")));
  }
}

TEST_F(SoundTrackTest, DrivesTheCurvesOfEachFrame) {
  job.dream.step = curve::Curve(curve::Expression("1+2*treble"));
  const Timeline timeline(job, info());
  EXPECT_EQ(job.dream.step.at(timeline.at(48, 48 / 25.0)), 1);
  EXPECT_LT(job.dream.step.at(timeline.at(49, 49 / 25.0)), 1.6)
      << "the window reaches over the frame's border";
  EXPECT_EQ(job.dream.step.at(timeline.at(50, 50 / 25.0)), 3);
  media::VideoFrame frame;
  frame.index = 50;
  frame.seconds = 50 / 25.0;
  EXPECT_EQ(job.dream.step.at(timeline.at(frame)), 3);
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const JobError& error) {
    return error.what();
  }
  return "";
}

TEST_F(BeatsTest, CurvesCountBeatsAndBars) {
  job.dream.step = curve::Curve(curve::Expression("2+bar+0.1*beats"));
  job.dream.opacity = curve::Curve({{{0, TimePoint::Unit::bars}, 0}, {{1, TimePoint::Unit::bars}, 1}});
  const Timeline timeline(job, info());
  const auto step_at = [&](int frame) { return job.dream.step.at(timeline.at(frame, frame / 25.0)); };
  EXPECT_NEAR(step_at(25), 2.15, 1e-9);
  EXPECT_NEAR(step_at(55), 2.39, 0.01) << "the bar begins at 2.25 s, in frame 56";
  EXPECT_NEAR(step_at(56), 3.4, 1e-9);
  EXPECT_NEAR(job.dream.opacity.at(timeline.at(31, 31 / 25.0)), (1.24 - 0.25) / 2, 1e-9);
}

TEST_F(BeatsTest, TheRhythmIsTold) {
  const auto told = rhythm_of(*load_sound(job, info()));
  ASSERT_TRUE(told);
  EXPECT_NEAR(told->bpm, 120, 1e-9);
  EXPECT_NEAR(told->first_bar_seconds, 0.25, 1e-9);
  EXPECT_EQ(told->beats_of_bar, 4);
}

TEST_F(BeatsTest, RangesAndCutsCountToo) {
  const TimePoint first_bar{1, TimePoint::Unit::bars}, sixth_beat{6, TimePoint::Unit::beats};
  const auto range = frames_between(job, first_bar, sixth_beat);
  EXPECT_EQ(range.begin, 56) << "2.25 s";
  EXPECT_EQ(range.end, 81) << "3.25 s";
  job.audio.meter = 3;
  EXPECT_EQ(frames_between(job, first_bar, {}).begin, 43) << "1.75 s";
  job.temporal.cuts = {false, {first_bar}, {}, {curve::Expression("floor(beats/6)")}};
  const auto source = open_source(job, 0);
  const auto pass = find_shots(*source, job, {}, nullptr, nullptr);
  ASSERT_EQ(pass.shots.size(), 3U) << "none at the first beat, in frame 6";
  EXPECT_EQ(pass.shots[1].begin, 43);
  EXPECT_EQ(pass.shots[2].begin, 81);
}

// The dream of a short intro has only just begun at the first beat. The bars before it are no music.
TEST_F(BeatsTest, CutsBeginWithTheMusic) {
  const auto cuts_of = [&](const char* rises, double first_beat) {
    job.audio.first_beat = TimePoint{first_beat, TimePoint::Unit::seconds};
    job.temporal.cuts = {false, {}, {}, {curve::Expression(rises)}};
    std::vector<std::int64_t> begins;
    const auto source = open_source(job, 0);
    for (const auto& shot : find_shots(*source, job, {}, nullptr, nullptr).shots)
      begins.push_back(shot.begin);
    return begins;
  };
  using testing::ElementsAre;
  EXPECT_THAT(cuts_of("bar", 0.25), ElementsAre(0, 56));
  EXPECT_THAT(cuts_of("phrase", 0.25), ElementsAre(0));
  EXPECT_THAT(cuts_of("mod(bar,2)", 2.25), ElementsAre(0)) << "bar -1 is no music";
  job.audio.bpm = job::TempoRange{300, 300};
  job.audio.meter = 2;  // a phrase has 1.6 s
  EXPECT_THAT(cuts_of("bar", 1.24), ElementsAre(0, 41, 51, 61, 71, 81, 91));
  EXPECT_THAT(cuts_of("phrase", 1.64), ElementsAre(0, 41, 81))
      << "an intro as long as a phrase ends with a cut";
}

// A scene in bars and a scene in seconds: only the beats tell which one comes first.
TEST_F(BeatsTest, ScenesRise) {
  using Unit = TimePoint::Unit;
  const auto scenes = [&](double seconds) {
    const TimePoint bar{1, Unit::bars}, time{seconds, Unit::seconds};
    job.dream.octaves =
        curve::Curve({{{0, Unit::frames}, 1, curve::Ease::hold}, {bar, 2, curve::Ease::hold}, {time, 3}});
    job.temporal.cuts = {true, {bar, time}, {}};
    const auto source = open_source(job, 0);
    find_shots(*source, job, {}, nullptr, nullptr);
  };
  EXPECT_EQ(refusal([&] { scenes(2.5); }), "");
  EXPECT_EQ(refusal([&] { scenes(2); }),
            "temporal.cuts.2: expected a time after 1bar, which is at 2.25 s, got 2s, which is at 2 s");
}

TEST_F(BeatsTest, NothingIsCountedWithoutBeats) {
  const auto all = [&] {
    std::vector<std::string> texts;
    job::Job reading = job;
    reading.camera.zoom = curve::Curve(curve::Expression("1+0.01*bar"));
    texts.push_back(refusal([&] { const Timeline timeline(reading, info()); }));
    reading.camera.zoom = curve::Curve({{{0, TimePoint::Unit::bars}, 1}, {{1, TimePoint::Unit::bars}, 2}});
    texts.push_back(refusal([&] { const Timeline timeline(reading, info()); }));
    texts.push_back(refusal([&] { frames_between(job, {1, TimePoint::Unit::bars}, {}); }));
    reading = job;
    reading.temporal.cuts.times = {{1, TimePoint::Unit::bars}};
    const auto source = open_source(reading, 0);
    texts.push_back(refusal([&] { find_shots(*source, reading, {}, nullptr, nullptr); }));
    return texts;
  };
  job.audio.bpm.reset();
  job.input.audio = scratch / "song.wav";  // a single burst
  for (const auto& text : all())
    EXPECT_THAT(text, AllOf(HasSubstr("counts the beats"), HasSubstr("audio.bpm")));
  job.input.audio.reset();
  job.input.path = scratch / "silent.mkv";
  for (const auto& text : all())
    EXPECT_THAT(text, AllOf(HasSubstr("counts the beats"), HasSubstr("input.audio")));
}

}  // namespace
}  // namespace dreamreel::footage
