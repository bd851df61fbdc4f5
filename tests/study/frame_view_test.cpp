#include "dreamreel/study/frame_view.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <string>
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

// A loop begins as a shot does, so a render whose shot begins there has the same frames.
TEST_F(FrameViewTest, ALoopHasTheFramesOfAShot) {
  DreamView view;
  std::vector<std::int64_t> counted;
  const auto clip = job("clip.mkv", "out.mkv", "seed: 5\n");
  const auto loop = view.dream_loop(
      clip, 2, 3, 640, [&](std::int64_t done) { counted.push_back(done); }, never_);
  EXPECT_EQ(counted, (std::vector<std::int64_t>{1, 2, 3}));
  ASSERT_EQ(loop.size(), 3U);
  auto cut = job("clip.mkv", "cut_%d.jpg", "seed: 5\ntemporal: {cuts: [2f]}\n");
  cut.output.pixel_format = "yuvj444p";
  cut.output.metadata = job::Output::Metadata::none;
  render::RenderOptions options;
  options.frames = {0, 5};
  render::render(cut, options);
  for (std::size_t i = 0; i < loop.size(); ++i)
    EXPECT_EQ(loop[i], test::read_file(scratch_ / ("cut_" + std::to_string(i + 2) + ".jpg"))) << i;
}

TEST_F(FrameViewTest, ALoopEndsWithTheClip) {
  DreamView view;
  const auto loop_of = [&](const job::Job& job, std::int64_t frame, std::int64_t count) {
    return view.dream_loop(job, frame, count, 640, {}, never_);
  };
  const auto clip = job("clip.mkv", "out.mkv");
  const auto last = loop_of(clip, 7, 3);
  ASSERT_EQ(last.size(), 3U);
  EXPECT_EQ(last, loop_of(clip, 5, 3));
  EXPECT_EQ(loop_of(clip, 3, 20).size(), 8U);
  EXPECT_EQ(loop_of(job("photo.png", "out.png"), 0, 3).size(), 1U);
}

TEST_F(FrameViewTest, LoopsOfNoiseAndOfALoopedClip) {
  DreamView view;
  auto noise = job("clip.mkv", "out.mkv", "temporal: {flow: none}\ncamera: {zoom: 1.5}\n");
  noise.input.path.clear();
  noise.input.noise = job::NoiseInput{64, 48, {8, 1}, {2, TimePoint::Unit::seconds}};
  EXPECT_EQ(view.dream_loop(noise, 9, 3, 640, {}, never_).size(), 3U);
  auto looped = job("clip.mkv", "out.mkv");
  looped.output.loop = job::Output::Loop{TimePoint{2, TimePoint::Unit::frames}};
  EXPECT_EQ(view.dream_loop(looped, 1, 3, 640, {}, never_).size(), 3U);
}

TEST_F(FrameViewTest, ALoopIsInterrupted) {
  DreamView view;
  std::atomic<bool> stop{false};
  const auto stop_after_one = [&](std::int64_t) { stop = true; };
  EXPECT_THROW(view.dream_loop(job("clip.mkv", "out.mkv"), 0, 8, 640, stop_after_one, stop), Interrupted);
  stop = false;
  EXPECT_EQ(view.dream_loop(job("clip.mkv", "out.mkv"), 0, 2, 640, {}, stop).size(), 2U);
}

}  // namespace
}  // namespace dreamreel::study
