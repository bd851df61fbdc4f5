#include "dreamreel/study/mask_view.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/masking/masks.h"
#include "dreamreel/media/reader.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::study {
namespace {

constexpr double kHalfALevel = 0.5 / 255;  // the file's pictures are rounded to 8 bits

class MaskViewTest : public testing::Test {
 protected:
  MaskViewTest() {
    test::write_tiny_network(scratch_.path());
    // From black on the left to white on the right, brighter by 10 of 255 each frame.
    test::ffmpeg({"-f", "lavfi", "-i", "color=black:size=96x64:rate=8:duration=1,format=gray", "-vf",
                  "geq=lum='clip(X*255/95+10*N,0,255)'", "-c:v", "ffv1", (scratch_ / "clip.mkv").string()});
  }

  job::Job job(const std::string& mask) const {
    test::write_file(scratch_ / "job.yaml",
                     "input: {path: clip.mkv}\noutput: {path: out.mkv}\nnetwork: tiny.onnx\ndevice: cpu\n"
                     "dream: {objectives: [{layer: mixed1}]" +
                         (mask.empty() ? "" : ", mask: " + mask) + "}\n");
    return job::load_job(scratch_ / "job.yaml", job::default_load_options());
  }

  test::ScratchDir scratch_;
  MaskView view_;
};

TEST_F(MaskViewTest, IsTheMaskOfARender) {
  const auto keyed = job("{from: luma, range: [0.5, {0f: 1, 7f: 0.6}], softness: 0.1, feather: 9}");
  media::ReaderOptions options;
  options.path = scratch_ / "clip.mkv";
  media::Reader reader(options);
  const footage::Timeline timeline(keyed, reader.info());
  masking::Masks masks(keyed, reader.info());
  for (std::int64_t frame = 0; frame < 8; ++frame) {
    const auto read = *reader.next();
    EXPECT_TRUE(at::equal(view_.mask(keyed, frame, 640), masks.of_dream(read, timeline.at(read)))) << frame;
  }
  EXPECT_THROW(view_.mask(keyed, 8, 640), UsageError);
}

TEST_F(MaskViewTest, FollowsEachEdit) {
  const auto inside = view_.mask(job("{from: luma, range: [0.5, 1], softness: 0}"), 0, 640);
  const auto outside = view_.mask(job("{from: luma, range: [0.5, 1], softness: 0, invert: true}"), 0, 640);
  EXPECT_TRUE(at::equal(inside, 1 - outside));
  EXPECT_EQ(inside[0][0][0].item<float>(), 0);
  EXPECT_EQ(inside[0][0][95].item<float>(), 1);
  test::ffmpeg({"-f", "lavfi", "-i", "color=white:size=96x64", "-vf", "drawbox=c=black:w=48:h=64:t=fill",
                "-frames:v", "1", (scratch_ / "half.png").string()});
  const auto file = view_.mask(job("{path: half.png}"), 3, 640);
  EXPECT_NEAR(file.mean().item<double>(), 0.5, kHalfALevel);
  test::ffmpeg({"-f", "lavfi", "-i", "color=white:size=96x64", "-vf", "drawbox=c=black:w=24:h=64:t=fill",
                "-frames:v", "1", (scratch_ / "half.png").string()});
  EXPECT_NEAR(view_.mask(job("{path: half.png}"), 3, 640).mean().item<double>(), 0.75, kHalfALevel)
      << "the file was painted anew";
  EXPECT_FALSE(view_.mask(job(""), 0, 640).defined());
}

TEST_F(MaskViewTest, ASmallerMaskHasTheSameShape) {
  const auto keyed = job("{from: luma, range: [0.5, 1], softness: 0, feather: 24}");
  const auto whole = view_.mask(keyed, 0, 640), half = view_.mask(keyed, 0, 48);
  ASSERT_EQ(half.sizes(), (std::vector<std::int64_t>{1, 32, 48}));
  // The feather is of as many pixels of the frame, so each column is as bright as the two of the whole mask.
  for (int x = 0; x < 48; ++x) {
    const double both = (whole[0][32][2 * x].item<double>() + whole[0][32][2 * x + 1].item<double>()) / 2;
    EXPECT_NEAR(half[0][16][x].item<double>(), both, 0.05) << x;
  }
}

TEST_F(MaskViewTest, AFailureIsNotKept) {
  EXPECT_THROW(view_.mask(job("{path: gone.png}"), 0, 640), InputError);
  test::ffmpeg(
      {"-f", "lavfi", "-i", "color=white:size=96x64", "-frames:v", "1", (scratch_ / "gone.png").string()});
  EXPECT_NEAR(view_.mask(job("{path: gone.png}"), 0, 640).min().item<double>(), 1, kHalfALevel);
}

}  // namespace
}  // namespace dreamreel::study
