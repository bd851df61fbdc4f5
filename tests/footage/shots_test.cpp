// Tests the first pass over sources that the test makes up.
#include "dreamreel/footage/shots.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <utility>

#include "dreamreel/core/error.h"
#include "support/files.h"
#include "support/scenes.h"

namespace dreamreel::footage {
namespace {

using testing::ElementsAre;

class MadeSource : public FrameSource {
 public:
  MadeSource(std::int64_t count, std::function<at::Tensor(std::int64_t)> picture)
      : count_(count), picture_(std::move(picture)) {}

  const media::VideoInfo& info() const override { return info_; }
  std::optional<media::VideoFrame> next() override {
    if (index_ == count_) return {};
    media::VideoFrame frame;
    frame.rgb = picture_(index_);
    frame.index = frame.pts = index_;
    frame.seconds = static_cast<double>(index_) / 24;
    ++index_;
    return frame;
  }
  bool skip() override { return next().has_value(); }
  using FrameSource::skip;
  // Damage that the reader finds on the way, from frame 12 on.
  media::DecodeReport report() const override {
    media::DecodeReport report;
    if (index_ > 12) report.message = "frame 12 is damaged";
    return report;
  }
  schedule::Loop loop() const override { return loop_; }
  std::string key() const override { return key_; }

  std::string key_;
  schedule::Loop loop_;

 private:
  media::VideoInfo info_;
  std::int64_t count_;

 public:
  std::int64_t index_ = 0;  // number of the next frame

 private:
  std::function<at::Tensor(std::int64_t)> picture_;
};

at::Tensor scene(std::uint64_t seed, double shift) {
  return test::wave_texture(90, 160, shift, 0, seed);
}

// A cut at frame 20, and single inverted frames at 9 and 26.
at::Tensor picture(std::int64_t n) {
  const at::Tensor own = n < 20 ? scene(1, static_cast<double>(n)) : scene(2, static_cast<double>(n)) * 0.5;
  return n == 9 || n == 26 ? 1 - own : own;
}

job::Job job_with_cuts(const job::Cuts& cuts) {
  job::Job job;
  job.temporal.cuts = cuts;
  return job;
}

const job::Cuts kNone{false};

schedule::FirstPass pass_over(const schedule::FrameRange& range, const job::Cuts& cuts = {}) {
  MadeSource source(32, picture);
  return find_shots(source, job_with_cuts(cuts), range, nullptr, nullptr);
}

std::vector<std::int64_t> begins(const std::vector<schedule::Shot>& shots) {
  std::vector<std::int64_t> list;
  for (const auto& shot : shots) list.push_back(shot.begin);
  return list;
}

TEST(FindShots, FindsCutsAndNoFlashes) {
  const auto pass = pass_over({});
  EXPECT_THAT(begins(pass.shots), ElementsAre(0, 20));
  EXPECT_EQ(pass.shots.back().end, 32);
  EXPECT_EQ(pass.damage, "frame 12 is damaged");
}

// Every range has the cuts of the whole clip, even if a flash or a cut lies on its last frame.
TEST(FindShots, CutsDoNotDependOnWhereTheRangeEnds) {
  for (std::int64_t end = 1; end <= 32; ++end) {
    const auto pass = pass_over({0, end});
    EXPECT_EQ(pass.shots.size(), end > 20 ? 2U : 1U) << end;
    EXPECT_EQ(pass.shots.back().end, end);
  }
  const auto late = pass_over({22, 27});
  EXPECT_THAT(begins(late.shots), ElementsAre(22));
  EXPECT_EQ(late.shot_start, 20);
  EXPECT_EQ(late.first_pts, 22);
}

// A source that was read once is not read again, for any range.
TEST(FindShots, WhatWasFoundIsKept) {
  const test::ScratchDir scratch;
  setenv("XDG_CACHE_HOME", scratch.path().c_str(), 1);
  for (const std::int64_t run_in : {0, 4}) {
    const auto pass_of_kept = [&](const schedule::FrameRange& range, bool is_kept,
                                  const job::Cuts& cuts = {}) {
      MadeSource source(12, [](std::int64_t n) { return picture(n + 14); });  // a cut at 6
      source.key_ = is_kept ? "made " + std::to_string(run_in) : "";
      source.loop_.run_in = run_in;
      const auto pass = find_shots(source, job_with_cuts(cuts), range, nullptr, nullptr);
      return std::pair(pass, source.index_);
    };
    EXPECT_EQ(pass_of_kept({}, true).second, 12) << "the first time";
    if (run_in == 0) {
      const job::Cuts asked{true, {{7, TimePoint::Unit::frames}}, {}};
      const auto [kept, read] = pass_of_kept({}, true, asked);
      EXPECT_EQ(read, 0);
      EXPECT_EQ(begins(kept.shots), begins(pass_of_kept({}, false, asked).first.shots));
      EXPECT_THAT(begins(kept.shots), testing::Contains(7));
    }
    for (const auto& cuts : {job::Cuts{}, kNone})
      for (std::int64_t begin = 0; begin < 12 - run_in; ++begin)
        for (std::int64_t end = begin + 1; end <= 12 - run_in; ++end) {
          const auto [fresh, all] = pass_of_kept({begin, end}, false, cuts);
          auto [kept, read] = pass_of_kept({begin, end}, true, cuts);
          if (cuts == kNone) {  // a kept scan also has the times
            kept.has_times = false;
            kept.seconds.clear();
          } else if (!kept.seconds.empty()) {  // times behind the range stay unused
            ASSERT_GE(kept.seconds.size(), fresh.seconds.size());
            kept.seconds.resize(fresh.seconds.size());
          }
          EXPECT_EQ(read, 0);
          EXPECT_EQ(to_json("", kept), to_json("", fresh)) << begin << ".." << end;
        }
    const std::string length = run_in == 0 ? "the job has 12 frames" : "the job has ";
    EXPECT_THAT(
        [&] {
          pass_of_kept({40, 50}, true);
        },
        testing::ThrowsMessage<UsageError>(
            testing::HasSubstr("--frames 40..50 selects no frame: " + length)));
    EXPECT_THAT(
        [&] {
          pass_of_kept({2, 50}, true);
        },
        testing::ThrowsMessage<UsageError>(testing::HasSubstr("--frames 2..50 goes beyond the end: ")));
  }
  unsetenv("XDG_CACHE_HOME");
}

TEST(FindShots, APartAndADamagedSourceAreNotKept) {
  const test::ScratchDir scratch;
  setenv("XDG_CACHE_HOME", scratch.path().c_str(), 1);
  for (const std::int64_t count : {10, 32}) {  // frame 12 is damaged
    const auto read = [&](const schedule::FrameRange& range) {
      MadeSource source(count, picture);
      source.key_ = "made of " + std::to_string(count);
      find_shots(source, job::Job(), range, nullptr, nullptr);
      return source.index_;
    };
    EXPECT_GT(read({0, 3}), 0);
    EXPECT_EQ(read({}), count);
    EXPECT_EQ(read({}), count == 10 ? 0 : count);
  }
  unsetenv("XDG_CACHE_HOME");
}

TEST(FindShots, DamageBehindTheRangeIsNotTheRanges) {
  EXPECT_EQ(pass_over({0, 12}).damage, "");
  EXPECT_EQ(pass_over({0, 13}).damage, "frame 12 is damaged");
}

TEST(FindShots, LooksForNoCutsWhereNoneAreWanted) {
  EXPECT_THAT(begins(pass_over({4, 30}, kNone).shots), ElementsAre(4));
}

TimePoint seconds(double value) {
  return {value, TimePoint::Unit::seconds};
}

// The source has a cut at frame 20 and runs at 24 frames a second.
TEST(FindShots, CutsWhereTheJobAsksForThem) {
  const TimePoint frame_9{9, TimePoint::Unit::frames};
  const auto rises = [](const char* text) { return std::vector{curve::Expression(text)}; };
  const auto shots = [](const job::Cuts& cuts, const schedule::FrameRange& range = {}) {
    return begins(pass_over(range, cuts).shots);
  };
  EXPECT_THAT(shots({true, {frame_9, seconds(1.25)}}), ElementsAre(0, 9, 20, 30));
  EXPECT_THAT(shots({false, {seconds(1.25), frame_9}}), ElementsAre(0, 9, 30));
  EXPECT_THAT(shots({false, {seconds(0), seconds(0.49), seconds(0.5)}}), ElementsAre(0, 12));
  EXPECT_THAT(shots({false, {seconds(99)}}), ElementsAre(0));
  EXPECT_THAT(shots({false, {}, {}, rises("n/10")}), ElementsAre(0, 10, 20, 30)) << "the whole part rises";
  EXPECT_THAT(shots({false, {}, {}, rises("eq(mod(n,12),0)")}), ElementsAre(0, 12, 24)) << "and falls unseen";
  EXPECT_THAT(shots({true, {frame_9}, {}, rises("floor(2*t)")}), ElementsAre(0, 9, 12, 20, 24));
  EXPECT_THAT(shots({false, {}, {}, rises("floor(2*t)")}, {13, 30}), ElementsAre(13, 24));
  EXPECT_EQ(pass_over({13, 30}, {false, {}, {}, rises("floor(2*t)")}).shot_start, 12);
  EXPECT_THROW(shots({false, {}, {}, rises("1/(n-9)")}), JobError);
  EXPECT_THROW(shots({false, {{1, TimePoint::Unit::bars}}}), JobError) << "there is no sound";
}

// At 24 frames a second, frame 12 begins at 0.5 s. It is the first frame after 0.49 s.
TEST(FindShots, CutsInOneFrameAreOneCut) {
  const auto frames = [](double value) { return TimePoint{value, TimePoint::Unit::frames}; };
  job::Cuts cuts{false, {seconds(0.49), frames(20), frames(12)}, {frames(4), std::nullopt, std::nullopt}};
  const auto pass = pass_over({}, cuts);
  EXPECT_THAT(begins(pass.shots), ElementsAre(0, 12, 20));
  EXPECT_THAT(pass.fades, ElementsAre(schedule::Fade{12, 16, 4, 0, {0, 2}}));
  cuts.fades = {frames(4), std::nullopt, frames(6)};
  EXPECT_THAT([&] { pass_over({}, cuts); },
              testing::ThrowsMessage<JobError>(
                  testing::HasSubstr("temporal.cuts.2.crossfade: expected one cross-fade at frame 12, but "
                                     "temporal.cuts.0.crossfade begins there too; take one of them out")));
}

// Noise makes its own frames, in which no cut can be found.
TEST(FindShots, CutsNoiseWhereTheJobAsksForIt) {
  job::Job job = job_with_cuts({true, {seconds(0.5)}});
  job.input.noise = job::NoiseInput{32, 32, {24, 1}, seconds(2)};
  const auto shots = [&](const schedule::FrameRange& range) {
    const auto source = open_source(job, range.begin);
    return find_shots(*source, job, range, nullptr, nullptr);
  };
  EXPECT_THAT(begins(shots({}).shots), ElementsAre(0, 12));
  EXPECT_EQ(shots({}).shots.back().end, 48);
  EXPECT_EQ(shots({20, 30}).shot_start, 12);
  EXPECT_THAT(begins(shots({20, 30}).shots), ElementsAre(20));
  job.output.loop = job::Output::Loop{seconds(0.25)};
  job.temporal.cuts.times = {seconds(1.9)};
  const auto loop = shots({});
  EXPECT_THAT(begins(loop.shots), ElementsAre(0, 46));
  EXPECT_THAT(begins(loop.run_in), ElementsAre(-12, -2)) << "the end of the round before";
}

}  // namespace
}  // namespace dreamreel::footage
