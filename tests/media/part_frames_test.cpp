// A part shows the frames that were written into it.
#include "dreamreel/media/part_frames.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>

#include "clips.h"
#include "dreamreel/core/error.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/media/reader.h"

namespace dreamreel::media {
namespace {

constexpr int kFrameCount = 12, kWidth = 64, kHeight = 48;
// Smooth pictures lose little in any codec: some codes of 255.
constexpr double kClose = 0.04;

// A smooth picture that is told from its neighbours by its brightness.
at::Tensor picture(int frame) {
  const auto ramp = at::linspace(0.1, 0.4, kWidth).expand({3, kHeight, kWidth}).contiguous();
  return ramp + 0.04 * frame;
}

std::filesystem::path write_part(const test::ScratchDir& scratch, const char* ending) {
  VideoInfo info;
  info.width = kWidth;
  info.height = kHeight;
  info.frame_rate = {24, 1};
  info.time_base = {1, 24};
  WriterOptions options;
  options.path = scratch / (std::string("out") + ending);
  const auto part = scratch / "000240.seg";
  PartWriter writer(part, "test", options, info);
  for (int i = 0; i < kFrameCount; ++i) {
    VideoFrame frame;
    frame.rgb = picture(i);
    frame.index = frame.pts = 240 + i;
    frame.duration = 1;
    writer.write(frame);
  }
  writer.finish();
  return part;
}

class PartFramesOf : public testing::TestWithParam<const char*> {};

TEST_P(PartFramesOf, AreTheFramesThatWereWritten) {
  const test::ScratchDir scratch;
  PartFrames frames(write_part(scratch, GetParam()));
  for (int i = 0; i < kFrameCount; ++i) {
    if (i % 3 == 1) {
      ASSERT_TRUE(frames.skip());
      continue;
    }
    const auto found = frames.next();
    ASSERT_TRUE(found.has_value()) << i;
    EXPECT_LT((*found - picture(i)).abs().mean().item<double>(), kClose) << i;
  }
  EXPECT_FALSE(frames.next().has_value());
  EXPECT_FALSE(frames.skip());
}

TEST_P(PartFramesOf, AreReduced) {
  const test::ScratchDir scratch;
  const auto found = PartFrames(write_part(scratch, GetParam()), 32).next();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->sizes(), at::IntArrayRef({3, 24, 32}));
}

// Codecs with and without frames out of order, and one whose parts are lossless.
INSTANTIATE_TEST_SUITE_P(Outputs, PartFramesOf, testing::Values(".mp4", ".mkv", ".gif"));

// The packets of some codecs carry no tags of their colours, and a small picture would be taken for BT.601.
TEST(PartFrames, HaveTheColoursOfTheirOutput) {
  const test::ScratchDir scratch;
  VideoInfo info;
  info.width = 640;
  info.height = 360;
  info.frame_rate = {24, 1};
  info.time_base = {1, 24};
  info.colour.matrix = 1;  // BT.709
  WriterOptions options;
  options.path = scratch / "out.mkv";
  options.codec = "ffv1";
  options.pixel_format = "yuv420p";
  const auto part = scratch / "000000.seg";
  PartWriter writer(part, "test", options, info);
  VideoFrame frame;
  frame.rgb = at::tensor({0.2F, 0.7F, 0.1F}).view({3, 1, 1}).expand({3, 360, 640}).contiguous();
  frame.duration = 1;
  writer.write(frame);
  writer.finish();
  const auto found = PartFrames(part).next();
  ASSERT_TRUE(found.has_value());
  EXPECT_LT((*found - frame.rgb).abs().max().item<double>(), 0.015);
}

TEST(PartFrames, OfSomethingElseAreAnError) {
  const test::ScratchDir scratch;
  EXPECT_THROW(PartFrames(scratch / "none.seg"), InputError);
  test::write_file(scratch / "text.seg", "no part\n");
  EXPECT_THROW(PartFrames(scratch / "text.seg"), DataError);
  const auto part = write_part(scratch, ".mkv");
  std::filesystem::resize_file(part, std::filesystem::file_size(part) / 2);
  PartFrames torn(part);
  EXPECT_THROW(while (torn.next()){}, DataError);
}

TEST(PartFrames, OfAListOfPicturesAreAnError) {
  const test::ScratchDir scratch;
  EXPECT_THROW(PartFrames(write_part(scratch, "_%06d.png")), DataError);
}

}  // namespace
}  // namespace dreamreel::media
