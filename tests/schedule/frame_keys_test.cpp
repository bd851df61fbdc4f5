// Tests which edits of a job change the keys of which frames.
#include "dreamreel/schedule/frame_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "dreamreel/schedule/changes.h"
#include "key_world.h"

namespace dreamreel::schedule {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(Jobs, PicturesHoldTheirMetadata) {
  const auto changes_parts = [&](const std::string& path) {
    const std::string output = "output.path=" + path;
    const auto old = keys_of(World(job(clip_, {output})));
    return !changed(old.parts, keys_of(World(job(clip_, {output, "output.metadata=none"}))).parts).empty();
  };
  EXPECT_TRUE(changes_parts("out/%06d.png"));
  EXPECT_FALSE(changes_parts("out.mkv"));
}

TEST_F(Jobs, AKeyframeChangesTheFramesFromItsStretchOn) {
  const World before(job(clip_, {"temporal.cuts=none", "dream.step={0s: 1, 1s: 1, 1.5s: 2}"}));
  const World now(job(clip_, {"temporal.cuts=none", "dream.step={0s: 1, 1s: 1, 1.5s: 3}"}));
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "25..47");
  EXPECT_THAT(changes({before.job, before.plan, before.time_of()}, {now.job, now.plan, now.time_of()}),
              ElementsAre("dream.step changes from frame 25 on"));
}

// The keys hold the numbers, so an edit of a file is as small as the numbers that it changes.
TEST_F(Jobs, AnEditOfASeriesChangesTheFramesWhoseNumbersItChanges) {
  const auto world = [&](const std::string& text, const std::string& file, const char* reads) {
    auto made = std::make_unique<World>(
        job(clip_ + "series: {knob: {file: " + file + ", time: frames}}\n", {"temporal.cuts=none", reads}));
    made->own->set_text("knob", text);
    return made;
  };
  const std::string text = "0,0.1\n10,0.2\n11,0.3\n12,0.4\n47,0.5\n",
                    edited = "0,0.1\n10,0.2\n11,0.35\n12,0.4\n47,0.5\n";
  const char* const opacity = "dream.opacity=knob";
  const auto shown = world(text, "a.csv", opacity);
  EXPECT_EQ(changed(keys_of(*shown).shown, keys_of(*world(edited, "b.csv", opacity)).shown), "11..11");
  EXPECT_EQ(changed(keys_of(*shown).dream, keys_of(*world(edited, "b.csv", opacity)).dream), "");
  EXPECT_EQ(changed(keys_of(*shown).shown, keys_of(*world(text + "99,7\n", "b.csv", opacity)).shown), "")
      << "a value behind the end of the job";
  const char* const step = "dream.step=1+knob";
  const auto before = world(text, "a.csv", step), now = world(edited, "b.csv", step);
  EXPECT_EQ(changed(keys_of(*before).dream, keys_of(*now).dream), "11..47")
      << "later frames lean on frame 11";
  EXPECT_THAT(changes({before->job, before->plan, before->time_of()}, {now->job, now->plan, now->time_of()}),
              testing::Contains("dream.step reads series.knob, which has changed"));
}

TEST_F(Jobs, ASeriesCountsAsAWholeWhereTimesAreNotKnown) {
  const auto dreams = [&](const char* file, const char* reads) {
    World world(job(clip_ + "series: {knob: " + std::string(file) + "}\n", {"temporal.cuts=none", reads}));
    world.own->set_text("knob", "0,0.5\n");
    world.plan.has_times = false;
    return keys_of(world).dream;
  };
  EXPECT_NE(changed(dreams("a.csv", "dream.step=1+knob"), dreams("b.csv", "dream.step=1+knob")), "");
  EXPECT_EQ(changed(dreams("a.csv", "dream.step=1"), dreams("b.csv", "dream.step=1")), "")
      << "nothing reads it";
}

TEST_F(Jobs, ACurveWithTheSameValuesKeepsTheKeys) {
  const auto before = keys_of(World(job(clip_, {"dream.step=2", "camera.zoom=1.1"})));
  const auto now = keys_of(World(job(clip_, {"dream.step={0s: 2, 1s: 2}", "camera.zoom=\"1+0.1\""})));
  EXPECT_EQ(changed(before.parts, now.parts), "");
}

TEST_F(Jobs, AnotherShotKeepsItsKeys) {
  const auto before = keys_of(World(job(clip_, {"dream.step={0s: 1, 20f: 2}"})));
  const auto last = keys_of(World(job(clip_, {"dream.step={0s: {value: 1, ease: hold}, 20f: 3}"})));
  const auto first = keys_of(
      World(job(clip_, {"dream.step={0f: {value: 5, ease: hold}, 1f: {value: 1, ease: hold}, 20f: 3}"})));
  EXPECT_EQ(changed(last.dream, first.dream), "0..19");
  EXPECT_EQ(changed(before.dream, last.dream), "1..47");
}

TEST_F(Jobs, MoreFramesKeepTheKeysOfAllBeforeThem) {
  const auto before = keys_of(World(job(noise_)));
  const auto now = keys_of(World(job(noise_, {"input.noise.duration=60f"})));
  EXPECT_EQ(changed(before.dream, now.dream), "");
  EXPECT_EQ(changed(before.parts, now.parts), "");
  // The last part of a clip is encoded again, because its last frame may be shown for a different time.
  const auto shorter = keys_of(World(job(clip_, {"input.trim=[~, 36f]"})));
  const auto longer = keys_of(World(job(clip_)));
  EXPECT_EQ(changed(shorter.dream, longer.dream), "");
  EXPECT_EQ(changed(shorter.parts, longer.parts), "3..3");  // 0, 12, 20, 24
}

TEST_F(Jobs, WhatReadsTheLengthChangesWithItAndSaysSo) {
  const World before(job(noise_, {"camera.zoom=1+0.1*p", "dream.step=1+T/100"}));
  const World now(job(noise_, {"camera.zoom=1+0.1*p", "dream.step=1+T/100", "input.noise.duration=96f"}));
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "0..47");
  EXPECT_THAT(
      changes({before.job, before.plan, before.time_of()}, {now.job, now.plan, now.time_of()}),
      ElementsAre(HasSubstr("duration: 96f"),
                  "dream.step changes from frame 0 on: it reads T, and the job is 4 s long, 2 s before",
                  "camera.zoom changes from frame 0 on: it reads p, and the job is 4 s long, 2 s before",
                  "the render ends with frame 95, before with frame 47"));
}

TEST_F(Jobs, AMaskThatIsDrawnIsPartOfThePicture) {
  const std::vector<std::string> drawn{"dream.mask={path: m.png, confine: false}", "dream.show_masks=true"};
  auto edited = drawn;
  edited.emplace_back("dream.mask.feather=4");
  EXPECT_EQ(changed(keys_of(World(job(clip_, drawn))).dream, keys_of(World(job(clip_, edited))).dream),
            "0..47");
}

TEST_F(Jobs, TheSoundMattersWhereACurveReadsIt) {
  const auto quiet = keys_of(World(job(clip_))),
             other = keys_of(World(job(clip_, {"input.audio=another.flac"})));
  EXPECT_EQ(changed(quiet.parts, other.parts), "");
  const World before(job(clip_, {"dream.step=1+bass"}));
  const World now(job(clip_, {"dream.step=1+bass", "input.audio=another.flac"}));
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "0..47");
  EXPECT_THAT(
      changes({before.job, before.plan, before.time_of()}, {now.job, now.plan, now.time_of()}),
      ElementsAre("the content of the file of input.audio", "dream.step reads the sound, which has changed"));
}

TEST_F(Jobs, OpacityIsInTheDreamWhereNothingElseLiesUnderIt) {
  const auto before = keys_of(World(job(noise_))), now = keys_of(World(job(noise_, {"dream.opacity=0.5"})));
  EXPECT_EQ(changed(before.dream, now.dream), "0..47");
}

TEST_F(Jobs, AFrameThatShowsItsDreamIsPlain) {
  const World fade(job(clip_, {"dream.opacity={0s: 0, 1s: 1}"}));
  const auto keys = fade.keys();
  EXPECT_FALSE(keys.of(23).is_plain);
  EXPECT_TRUE(keys.of(24).is_plain);
  EXPECT_EQ(keys.of(24).dream, keys.of(24).shown);
  EXPECT_TRUE(keys.of(23).can_be_shown_anew);
  EXPECT_FALSE(World(job(noise_, {"dream.opacity=0.5"})).keys().of(3).can_be_shown_anew);
}

TEST_F(Jobs, FramesThatAreFilledInHaveTheKeysOfBothSides) {
  const World before(job(
      clip_, {"temporal.every=4", "temporal.cuts=none", "dream.step={0s: {value: 1, ease: hold}, 12f: 2}"}));
  const World now(job(
      clip_, {"temporal.every=4", "temporal.cuts=none", "dream.step={0s: {value: 1, ease: hold}, 12f: 3}"}));
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "9..47");  // 8 and 12 are dreamed
}

TEST_F(Jobs, TimesThatAreNotOnTheGridCount) {
  World before(job(clip_, {"dream.step={0s: {value: 1, ease: hold}, 1s: 2}"}));
  World late = before;
  for (std::int64_t frame = 0; frame < kClip; ++frame)
    late.plan.seconds.push_back(late.plan.clock.on_grid(frame) + (frame > 10 ? 0.5 : 0));
  late.plan.clock.has_grid = before.plan.clock.has_grid = false;
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(late).dream), "11..47");
}

TEST_F(Jobs, CurvesWhoseTimesAreNotKnownCountAsTheyAreWritten) {
  World before(job(clip_, {"dream.step=2"}));
  World now(job(clip_, {"dream.step=\"1+1\""}));
  before.plan.has_times = now.plan.has_times = false;
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "0..47");
}

TEST_F(Jobs, AnotherVersionOrFileIsAnotherRender) {
  const World before(job(clip_));
  for (const auto change :
       {+[](Facts& facts) { facts.version = "2"; }, +[](Facts& facts) { facts.source = "x"; },
        +[](Facts& facts) { facts.network = "x"; }, +[](Facts& facts) { facts.source_end = "2s"; }}) {
    World now = before;
    change(now.plan.facts);
    EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "0..47");
  }
}

TEST_F(Jobs, PlacesOfFilesMatterToNothing) {
  World before(job(clip_)), now(job(clip_));
  now.job.input.path = "/elsewhere/clip.mkv";
  now.job.network.path = "/elsewhere/net.onnx";
  now.job.output.path = "/elsewhere/film.mkv";
  EXPECT_EQ(changed(keys_of(before).parts, keys_of(now).parts), "");
}

TEST_F(Jobs, FilledInFramesHaveKeysOfTheirOwnInEveryPiece) {
  const auto keys = keys_of(World(job(clip_, {"temporal.every=3"}))).dream;  // a cut at 20
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
}

TEST_F(Jobs, ALoopLeansOnItsRunIn) {
  const std::vector<std::string> loop{"output.loop={crossfade: 4f}", "temporal.cuts=none"};
  const World before(job(noise_, loop));
  auto now_overrides = loop;
  // Frame -1 stands for the last frame, so it has the curves of the last frame.
  now_overrides.emplace_back("dream.step={0f: {value: 1.5, ease: hold}, 47f: 2}");
  const World now(job(noise_, now_overrides));
  EXPECT_EQ(changed(keys_of(before).dream, keys_of(now).dream), "0..47");
  EXPECT_NE(before.keys().part_keys().at(-8), now.keys().part_keys().at(-8));
}

// Half an hour of frames, with curves of every kind.
TEST_F(Jobs, KeysOfAFilmTakeSecondsAtMost) {
  const World film(job(noise_, {"input.noise.duration=45000f", "camera.zoom=1+0.1*sin(t)",
                                "dream.step={0s: 1, 900s: 2, 1800s: 1}", "dream.octaves=4"}),
                   120);
  const auto begin = std::clock();  // processor time: the machine may be busy
  const auto parts = film.keys().part_keys();
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_EQ(parts.size(), 375U);
  std::printf("keys of 45,000 frames: %.3f s\n", seconds);
  EXPECT_LT(seconds, 5);  // 0.3 s with optimisation
}

TEST(InWords, SaysWhatHappensToWhichFrames) {
  const std::vector<Piece> pieces{{0, 0, 720, 0}};
  Outstanding left;
  EXPECT_EQ(in_words(left, pieces), "frames 0 to 719 are kept");
  left.tasks = {{pieces[0], 240, 288, 720, 287, 719, 287}};
  EXPECT_EQ(in_words(left, pieces),
            "frames 288 to 719 are rendered, 240 to 287 encoded again, 0 to 239 kept");
  left.tasks = {{pieces[0], 0, 720, 720, 719, 719, 719}};
  EXPECT_EQ(in_words(left, pieces), "frames 0 to 719 are encoded again");
  left.tasks = {{pieces[0], 0, 0, 120, 0, 119, 0}, {pieces[0], 719, 719, 720, 718, 719, 718}};
  EXPECT_EQ(in_words(left, pieces), "frames 0 to 119, 719 are rendered, 120 to 718 kept");
}

}  // namespace
}  // namespace dreamreel::schedule
