#include "dreamreel/study/vary.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>

#include <atomic>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/render/render.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::study {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(AxisTest, TakesListsAndRanges) {
  EXPECT_THAT(parse_axis("seed=1..4").values, ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(parse_axis("a.b=-1..1").values, ElementsAre("-1", "0", "1"));
  EXPECT_THAT(parse_axis("dream.step=1,2.5,4").values, ElementsAre("1", "2.5", "4"));
  EXPECT_THAT(parse_axis("x=[1,2],{a: 3, b: 4},'5,6',min(7,8)").values,
              ElementsAre("[1,2]", "{a: 3, b: 4}", "'5,6'", "min(7,8)"));
  EXPECT_EQ(parse_axis("dream.step=1=2").key, "dream.step");
  for (const char* const text : {"", "seed", "=1", "seed=", "seed=1,,2", "seed=1,", "seed=4..1",
                                 "seed=1..1000000000", "seed=-9223372036854775808..9223372036854775807"})
    EXPECT_THROW(parse_axis(text), UsageError) << text;
}

class VaryTest : public testing::Test {
 protected:
  VaryTest() {
    test::write_tiny_network(scratch_.path());
    test::ffmpeg(
        {"-f", "lavfi", "-i", "testsrc2=size=96x64:rate=8:duration=1", (scratch_ / "clip.mkv").string()});
    test::write_file(
        scratch_ / "job.yaml",
        "input: {path: clip.mkv}\noutput: {path: out.mkv}\nnetwork: tiny.onnx\ndevice: cpu\n"
        "precision: fp32\ndream: {objectives: [{layer: mixed1}], octaves: 2, iterations: 3, jitter: 2}\n");
  }

  job::Job load(const std::vector<std::string>& overrides) const {
    auto options = job::default_load_options();
    options.overrides = overrides;
    return job::load_job(scratch_ / "job.yaml", options);
  }

  VaryOptions options(std::vector<Axis> axes) const {
    VaryOptions made;
    made.axes = std::move(axes);
    made.load_job = [this](const auto& overrides) { return load(overrides); };
    made.frame = 2;
    return made;
  }

  test::ScratchDir scratch_;
};

TEST_F(VaryTest, AStopTellsHowManyVariationsThereWere) {
  std::atomic<bool> stop = false;
  auto asked = options({parse_axis("seed=1..3")});
  asked.stop = &stop;
  asked.progress = [&](std::size_t done, std::size_t) { stop = done == 1; };
  try {
    vary(asked);
    FAIL() << "went on";
  } catch (const Interrupted& error) {
    EXPECT_STREQ(error.what(), "interrupted after 1 of 3 variations; nothing was written");
  }
}

TEST_F(VaryTest, EachPictureHasTheBitsOfItsRender) {
  const auto variations = vary(options({{"seed", {"1", "2"}}, {"dream.step", {"1", "oops"}}}));
  ASSERT_EQ(variations.size(), 4U);
  EXPECT_THAT(variations[2].overrides, ElementsAre("seed=2", "dream.step=1"));
  EXPECT_THAT(variations[1].problem, HasSubstr("dream.step"));
  EXPECT_EQ(variations[1].code, ExitCode::bad_job);
  EXPECT_FALSE(at::equal(variations[0].picture, variations[2].picture));
  auto job = load({"seed=2", "dream.step=1"});
  job.output.path = scratch_ / "whole_%06d.png";
  job.output.pixel_format = "rgb48be";  // every bit of it
  render::RenderOptions excerpt;
  excerpt.frames = {2, 3};
  render::render(job, excerpt);
  media::ReaderOptions reader;
  reader.path = scratch_ / "whole_000002.png";
  EXPECT_TRUE(at::equal(variations[2].picture, media::Reader(reader).next()->rgb));
}

TEST_F(VaryTest, WhatIsNoMatterOfOneCombinationEndsItAtOnce) {
  EXPECT_THROW(vary(options({{"network", {(scratch_ / "away.onnx").string()}}})), UnavailableError);
  try {
    vary(options({{"input.path", {(scratch_ / "away.mkv").string()}}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::no_input);
  }
}

TEST_F(VaryTest, AWrongValueIsToldBeforeAnythingIsRendered) {
  std::vector<std::string> told;
  set_log_sink([&](LogLevel level, std::string_view text) {
    if (level == LogLevel::warning) told.emplace_back(text);
  });
  auto asked = options({{"dream.step", {"1", "oops"}}});
  std::size_t told_at_first = 0;
  asked.progress = [&](std::size_t done, std::size_t) {
    if (done == 1) told_at_first = told.size();
  };
  EXPECT_EQ(vary(asked).size(), 2U);
  set_log_sink({});
  EXPECT_EQ(told_at_first, 1U);
  EXPECT_THAT(told, ElementsAre(HasSubstr("dream.step: expected a number")));
}

TEST_F(VaryTest, AFrameBehindTheEndIsToldByTheOptionsOwnName) {
  auto asked = options({{"seed", {"1"}}});
  asked.frame = 99;
  try {
    vary(asked);
    FAIL() << "went on";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("--frame 99 selects no frame: the job has 8 frames"));
  }
}

TEST_F(VaryTest, WritesASheetAndAPageWithTheOptions) {
  const std::vector<Axis> axes{{"seed", {"1"}}, {"dream.step", {"1", "\"<b>'\""}}};
  const auto variations = vary(options(axes));
  write_variations(axes, variations, 48, scratch_ / "grid.html");
  const auto html = test::read_file(scratch_ / "grid.html");
  EXPECT_THAT(html, HasSubstr("data-set=\"--set 'seed=1' --set 'dream.step=&quot;&lt;b&gt;'\\''&quot;'\""));
  EXPECT_THAT(html, testing::Not(HasSubstr("<b>")));
  const std::vector<Axis> seeds{{"seed", {"1", "2", "3"}}};
  write_variations(seeds, vary(options(seeds)), 48, scratch_ / "grid.png");
  media::ReaderOptions reader;
  reader.path = scratch_ / "grid.png";
  EXPECT_EQ(media::Reader(reader).info().width, 2 * 16 + 2 * 48 + 8);
  EXPECT_THROW(write_variations(seeds, {}, 48, scratch_ / "grid.gif"), UsageError);
  EXPECT_THROW(vary(options({})), UsageError);
}

TEST_F(VaryTest, AWrongKeyIsToldBeforeAnythingIsRendered) {
  auto asked = options({{"dream.stepp", {"1", "2"}}});
  std::size_t rendered = 0;
  asked.progress = [&](std::size_t, std::size_t) { ++rendered; };
  EXPECT_THROW(vary(asked), JobError);
  EXPECT_EQ(rendered, 0U);
}

}  // namespace
}  // namespace dreamreel::study
