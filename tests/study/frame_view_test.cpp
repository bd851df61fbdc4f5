#include "dreamreel/study/frame_view.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/render/render.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::study {
namespace {

class FrameViewTest : public testing::Test {
 protected:
  FrameViewTest() {
    test::write_tiny_network(scratch_.path());
    test::ffmpeg(
        {"-f", "lavfi", "-i", "testsrc2=size=96x64:rate=8:duration=1", (scratch_ / "clip.mkv").string()});
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=96x64:duration=1", "-frames:v", "1",
                  (scratch_ / "photo.png").string()});
  }

  job::Job job(const std::string& input, const std::string& output, const std::string& more = "") const {
    test::write_file(scratch_ / "job.yaml",
                     "input: {path: " + input + "}\noutput: {path: " + output +
                         "}\nnetwork: tiny.onnx\ndevice: cpu\nprecision: fp32\n"
                         "dream: {objectives: [{layer: mixed1}], octaves: 2, iterations: 3, jitter: 2}\n" +
                         more);
    return job::load_job(scratch_ / "job.yaml", job::default_load_options());
  }

  at::Tensor read(const std::string& name) const {
    media::ReaderOptions options;
    options.path = scratch_ / name;
    return media::Reader(options).next()->rgb;
  }

  test::ScratchDir scratch_;
  const std::atomic<bool> never_{false};
};

TEST_F(FrameViewTest, AFrameOfItsOwnSizeHasTheBitsOfARender) {
  auto photo = job("photo.png", "out.png", "seed: 5\n");
  photo.output.pixel_format = "rgb48be";  // every bit of it
  DreamView view;
  const auto dreamed = view.dream(photo, 0, 640, {}, never_);
  render::render(photo, {});
  // Compares levels, because a picture that was read may differ in the last bit of the division.
  EXPECT_TRUE(at::equal((dreamed * 65535).round(), (read("out.png") * 65535).round()))
      << (dreamed - read("out.png")).abs().max().item<float>() * 65535 << " levels";
  // Neither the kept network nor another job in between may change the result.
  view.dream(job("photo.png", "out.png", "seed: 6\n"), 0, 640, {}, never_);
  EXPECT_TRUE(at::equal(dreamed, view.dream(photo, 0, 640, {}, never_)));
}

TEST_F(FrameViewTest, ALesionIsGoneWithItsJob) {
  const auto whole = job("photo.png", "out.png");
  auto cut = whole;
  cut.network.ablate = {{"conv1", {{0, 3}}, std::nullopt, 1}};
  auto healed = cut;
  healed.network.ablate[0].amount = 0;
  DreamView view;
  const auto before = view.dream(healed, 0, 640, {}, never_);
  EXPECT_FALSE(at::equal(before, view.dream(cut, 0, 640, {}, never_)));
  EXPECT_TRUE(at::equal(before, view.dream(healed, 0, 640, {}, never_)));
}

TEST_F(FrameViewTest, SmallerFramesGrowOctaveByOctave) {
  DreamView view;
  std::vector<std::int64_t> widths;
  int octaves = 0;
  const auto dreamed = view.dream(
      job("photo.png", "out.png"), 0, 48,
      [&](const DreamProgress& progress) {
        widths.push_back(progress.picture.size(2));
        octaves = progress.octaves;
        EXPECT_EQ(progress.steps, 3);
      },
      never_);
  EXPECT_EQ(dreamed.sizes(), (at::IntArrayRef{3, 32, 48}));
  EXPECT_EQ(widths.size(), static_cast<std::size_t>(3 * octaves));
  EXPECT_EQ(widths.back(), 48);
}

TEST_F(FrameViewTest, EndsSoonAfterItIsAskedTo) {
  DreamView view;
  std::atomic<bool> stop{false};
  int steps = 0;
  const auto observe = [&](const DreamProgress&) {
    ++steps;
    stop = true;
  };
  EXPECT_THROW(view.dream(job("photo.png", "out.png"), 0, 640, observe, stop), Interrupted);
  EXPECT_EQ(steps, 1);
}

TEST_F(FrameViewTest, GivesTheSourceOfAnyFrameInAnyOrder) {
  const auto clip = job("clip.mkv", "out.mkv");
  media::ReaderOptions options;
  options.path = scratch_ / "clip.mkv";
  media::Reader reader(options);
  std::vector<at::Tensor> frames;
  while (auto frame = reader.next()) frames.push_back(frame->rgb);
  SourceView view;
  for (const std::int64_t frame : {3, 3, 6, 2, 7, 0})
    EXPECT_TRUE(at::equal(view.frame(clip, frame, 640), frames.at(static_cast<std::size_t>(frame)))) << frame;
  EXPECT_THROW(view.frame(clip, 8, 640), UsageError);
  EXPECT_TRUE(at::equal(view.frame(clip, 1, 640), frames[1]));
  EXPECT_EQ(view.frame(clip, 1, 32).size(2), 32);
  EXPECT_EQ(view.info(clip).frame_count, 8);
}

TEST_F(FrameViewTest, SizesKeepTheShapeAndAreEven) {
  const auto size = view_size(1919, 1079, 640);
  EXPECT_EQ(size.width, 640);
  EXPECT_EQ(size.height, 360);
  EXPECT_EQ(view_size(101, 51, 640).width, 101);
}

}  // namespace
}  // namespace dreamreel::study
