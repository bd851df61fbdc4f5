// A work folder tells which frames it holds, whichever job they belong to.
#include "dreamreel/work/rendered.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/image/frame.h"
#include "dreamreel/media/parts.h"
#include "support/files.h"

namespace dreamreel::work {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kStoredSide = 16;

class RenderedTest : public testing::Test {
 protected:
  void store(std::int64_t frame, bool is_plain) const {
    const auto dreamed = image::quantise16(at::full({3, kStoredSide, kStoredSide}, 0.25));
    const auto shown = image::quantise16(at::full({3, kStoredSide, kStoredSide}, 0.5));
    work_.store({"a key", is_plain ? "a key" : "another", is_plain, false}, frame, dreamed, shown);
  }

  void close_part(std::int64_t begin, std::int64_t end, const std::string& key) const {
    schedule::Plan plan;
    plan.part_keys[begin] = key;
    media::VideoInfo info;
    info.width = info.height = kStoredSide;
    info.frame_rate = {24, 1};
    info.time_base = {1, 24};
    media::WriterOptions options;
    options.path = scratch_ / "out.mkv";
    options.codec = "ffv1";
    const schedule::Segment segment{begin, end};
    media::PartWriter writer(work_.part(segment), WorkFolder::label(plan, segment), options, info);
    for (std::int64_t i = begin; i < end; ++i) {
      media::VideoFrame frame;
      frame.rgb = at::full({3, kStoredSide, kStoredSide}, 0.5);
      frame.pts = frame.index = i;
      frame.duration = 1;
      writer.write(frame);
    }
    writer.finish();
  }

  test::ScratchDir scratch_;
  const WorkFolder work_{scratch_ / "out.mkv.work"};
};

TEST_F(RenderedTest, OfNoFolderIsNothing) {
  const auto found = rendered_in(work_);
  EXPECT_THAT(found.parts, IsEmpty());
  EXPECT_FALSE(found.has(0));
}

TEST_F(RenderedTest, HoldsPartsAndSingleFramesOfAnyJob) {
  close_part(8, 10, "one");
  close_part(0, 4, "another");
  store(12, true);
  store(6, false);
  store(-3, true);  // of a loop's run-in
  const auto found = rendered_in(work_);
  EXPECT_THAT(found.parts, ElementsAre(schedule::Segment{0, 4}, schedule::Segment{8, 10}));
  EXPECT_THAT(found.frames, ElementsAre(6, 12));
  EXPECT_EQ(found.part_with(9)->begin, 8);
  EXPECT_EQ(found.part_with(4), nullptr);
  for (const std::int64_t frame : {0, 3, 6, 8, 9, 12}) EXPECT_TRUE(found.has(frame)) << frame;
  for (const std::int64_t frame : {-3, 4, 5, 7, 10, 11, 13}) EXPECT_FALSE(found.has(frame)) << frame;
  EXPECT_EQ(shown_picture(work_, 6).filename(), "000006.out.png");
  EXPECT_EQ(shown_picture(work_, 12).filename(), "000012.png");
}

TEST_F(RenderedTest, ASingleFrameHidesAPartOfAnEarlierPlan) {
  close_part(0, 4, "one");
  store(2, true);
  auto found = rendered_in(work_);
  EXPECT_NE(found.part_showing(1), nullptr) << "where nothing newer is";
  EXPECT_EQ(found.part_showing(2), nullptr);
  found.current = {0};
  EXPECT_NE(found.part_showing(2), nullptr);
}

TEST_F(RenderedTest, KnowsWhichJobAPictureShows) {
  const schedule::FrameKey plain{"a key", "a key", true, true}, thin{"a key", "another", false, true};
  store(6, false);
  EXPECT_TRUE(shows(work_, thin, 6));
  EXPECT_FALSE(shows(work_, plain, 6));
  EXPECT_FALSE(shows(work_, {"a key", "a third", false, true}, 6));
  store(6, true);
  EXPECT_TRUE(shows(work_, plain, 6)) << "the earlier picture has gone";
  EXPECT_FALSE(shows(work_, thin, 6));
}

TEST_F(RenderedTest, LeavesOutAPersonsFiles) {
  for (const char* const folder : {"parts", "frames"})
    std::filesystem::create_directories(work_.root() / folder);
  test::write_file(work_.root() / "parts" / "000000.seg", "mine");
  test::write_file(work_.root() / "frames" / "000003.png", "mine too");
  close_part(4, 6, "a key");
  std::filesystem::rename(work_.root() / "parts" / "000004.seg", work_.root() / "parts" / "000040.seg");
  const auto found = rendered_in(work_);
  EXPECT_THAT(found.parts, IsEmpty());
  EXPECT_THAT(found.frames, IsEmpty());
}

}  // namespace
}  // namespace dreamreel::work
