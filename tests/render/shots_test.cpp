// Tests the first pass over sources that the test makes up.
#include "dreamreel/render/shots.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <utility>

#include "dreamreel/core/error.h"
#include "support/files.h"
#include "support/scenes.h"

namespace dreamreel::render {
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

schedule::FirstPass pass_over(const schedule::FrameRange& range, job::Temporal temporal = {}) {
  MadeSource source(32, picture);
  return find_shots(source, temporal, range, nullptr, nullptr);
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
                                  job::Temporal temporal = {}) {
      MadeSource source(12, [](std::int64_t n) { return picture(n + 14); });  // a cut at 6
      source.key_ = is_kept ? "made " + std::to_string(run_in) : "";
      source.loop_.run_in = run_in;
      const auto pass = find_shots(source, temporal, range, nullptr, nullptr);
      return std::pair(pass, source.index_);
    };
    EXPECT_EQ(pass_of_kept({}, true).second, 12) << "the first time";
    job::Temporal none;
    none.cuts = job::Temporal::Cuts::none;
    for (const auto& temporal : {job::Temporal{}, none})
      for (std::int64_t begin = 0; begin < 12 - run_in; ++begin)
        for (std::int64_t end = begin + 1; end <= 12 - run_in; ++end) {
          const auto [fresh, all] = pass_of_kept({begin, end}, false, temporal);
          auto [kept, read] = pass_of_kept({begin, end}, true, temporal);
          if (temporal.cuts == job::Temporal::Cuts::none) {  // a kept scan also has the times
            kept.has_times = false;
            kept.seconds.clear();
          } else if (!kept.seconds.empty()) {  // times behind the range stay unused
            ASSERT_GE(kept.seconds.size(), fresh.seconds.size());
            kept.seconds.resize(fresh.seconds.size());
          }
          EXPECT_EQ(read, 0);
          EXPECT_EQ(to_json("", kept), to_json("", fresh)) << begin << ".." << end;
        }
    EXPECT_THROW(pass_of_kept({40, 50}, true), UsageError);
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
      find_shots(source, {}, range, nullptr, nullptr);
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
  job::Temporal temporal;
  temporal.cuts = job::Temporal::Cuts::none;
  EXPECT_THAT(begins(pass_over({4, 30}, temporal).shots), ElementsAre(4));
}

}  // namespace
}  // namespace dreamreel::render
