#include "dreamreel/study/shot_view.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/study/frame_view.h"
#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::study {
namespace {

using schedule::Shot;

class ShotViewTest : public testing::Test {
 protected:
  ShotViewTest() {
    test::write_tiny_network(scratch_.path());
    // Two shots of 12 frames.
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=96x64:rate=8:duration=1.5", "-f", "lavfi", "-i",
                  "mandelbrot=size=96x64:rate=8,trim=duration=1.5", "-filter_complex", "[0][1]concat", "-c:v",
                  "ffv1", (scratch_ / "clip.mkv").string()});
  }

  job::Job job(const std::string& input, const std::string& more = "") const {
    test::write_file(scratch_ / "job.yaml", "input: " + input +
                                                "\noutput: {path: out.mkv}\nnetwork: tiny.onnx\ndevice: cpu\n"
                                                "dream: {objectives: [{layer: mixed1}]}\n" +
                                                more);
    return job::load_job(scratch_ / "job.yaml", job::default_load_options());
  }

  test::ScratchDir scratch_;
  std::atomic<bool> stop_{false};
  ShotView view_;
};

TEST_F(ShotViewTest, ListsTheShotsOfARender) {
  const auto found = view_.shots(job("{path: clip.mkv}"), stop_);
  EXPECT_EQ(found.shots, (std::vector<Shot>{{0, 12}, {12, 24}}));
  const auto one = view_.shots(job("{path: clip.mkv}", "temporal: {cuts: none}\n"), stop_);
  EXPECT_EQ(one.shots, (std::vector<Shot>{{0, 24}}));
  const auto trimmed = view_.shots(job("{path: clip.mkv, trim: [8f, ~]}"), stop_);
  EXPECT_EQ(trimmed.shots, (std::vector<Shot>{{0, 4}, {4, 16}}));
  const auto noise = view_.shots(job("{noise: {size: 64x64, fps: 8, duration: 2s}}"), stop_);
  EXPECT_EQ(noise.shots, (std::vector<Shot>{{0, 16}}));
}

TEST_F(ShotViewTest, TellsSourcesApartAndNotTheirDreams) {
  const auto source_of = [&](const std::string& input, const std::string& more = "") {
    return view_.shots(job(input, more), stop_).source;
  };
  const auto source = source_of("{path: clip.mkv}");
  EXPECT_EQ(source_of("{path: clip.mkv}", "seed: 5\ncamera: {zoom: 1.1}\n"), source);
  EXPECT_NE(source_of("{path: clip.mkv, filter: hflip}"), source);
}

TEST_F(ShotViewTest, AKnownSourceIsNotReadAgain) {
  const auto known = job("{path: clip.mkv}");
  view_.shots(known, stop_);
  stop_ = true;  // whatever reads now is interrupted
  EXPECT_EQ(view_.shots(known, stop_).shots.size(), 2U);
  EXPECT_THROW(view_.shots(job("{path: clip.mkv, filter: hflip}"), stop_), Interrupted);
}

TEST_F(ShotViewTest, FollowsAnEditOfASeriesThatCutsRead) {
  const std::string more = "series: {knob: knob.csv}\ntemporal: {cuts: \"gt(knob, 0.5)\"}\n";
  test::write_file(scratch_ / "knob.csv", "time,knob\n0,0\n1,0\n2,1\n");
  const auto first = view_.shots(job("{path: clip.mkv}", more), stop_).shots;
  test::write_file(scratch_ / "knob.csv", "time,knob\n0,0\n1,1\n2,1\n");
  EXPECT_NE(view_.shots(job("{path: clip.mkv}", more), stop_).shots, first);
}

TEST_F(ShotViewTest, PicturesAreTheSourceFramesMadeSmall) {
  SourceView sources;
  const auto clip = job("{path: clip.mkv}");
  EXPECT_TRUE(at::equal(view_.picture(clip, 13, 48), sources.frame(clip, 13, 48)));
  EXPECT_THROW(view_.picture(clip, 24, 48), UsageError);
}

}  // namespace
}  // namespace dreamreel::study
