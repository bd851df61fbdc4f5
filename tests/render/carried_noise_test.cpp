// Tests the carry's noise, which moves with the picture: it is white, it moves as the camera does, and no
// stop changes it.
#include "dreamreel/carry/carried_noise.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/footage/camera.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/render/render.h"
#include "support/files.h"
#include "support/stop_after.h"
#include "support/tiny_network.h"

namespace dreamreel::carry {
namespace {

namespace fs = std::filesystem;
using schedule::Piece;

constexpr Piece kWhole{0, 0, 300, 0};
constexpr image::Size kSize{60, 80};

job::Job flight() {
  job::Job job;
  job.input.noise = job::NoiseInput{};
  job.input.noise->width = static_cast<int>(kSize.width);
  job.input.noise->height = static_cast<int>(kSize.height);
  job.input.noise->duration = {300, TimePoint::Unit::frames};
  job.temporal.noise = 0.1;
  job.temporal.noise_motion = job::Temporal::NoiseMotion::carried;
  job.camera.zoom = 1.3;
  job.camera.rotate = 15;
  return job;
}

/// One frame's noise, computed without any frame before it.
class Noises {
 public:
  explicit Noises(job::Job job, const schedule::Loop& loop = {})
      : job_(std::move(job)),
        info_(footage::open_source(job_, 0)->info()),
        timeline_(job_, info_),
        loop_(loop) {}

  CarriedNoise make() const { return {job_, timeline_, loop_, info_}; }
  at::Tensor alone(std::int64_t frame, const Piece& piece = kWhole) const { return make().at(piece, frame); }
  image::CameraStep step() const {
    const double seconds = 1 / info_.frame_rate.value();
    return footage::camera_step(job_.camera, timeline_.at(1, seconds), seconds, 1);
  }

 private:
  const job::Job job_;
  const media::VideoInfo info_;
  const footage::Timeline timeline_;
  const schedule::Loop loop_;
};

double correlation(const at::Tensor& a, const at::Tensor& b) {
  return ((a * b).mean() / (a.square().mean() * b.square().mean()).sqrt()).item<double>();
}

/// How well `after` is `before`, moved by one step of the camera: over what is larger than a pixel, away from
/// the rim.
double along(const at::Tensor& before, const at::Tensor& after, const image::CameraStep& step) {
  constexpr double kBlurPx = 2;
  constexpr std::int64_t kRim = 10;
  const at::Tensor moved = image::resample(image::gaussian_blur(before, kBlurPx),
                                           image::positions(kSize, step, {}, at::kCPU), image::Border::edge);
  const auto middle = [](const at::Tensor& frame) {
    return frame.narrow(1, kRim, kSize.height - 2 * kRim).narrow(2, kRim, kSize.width - 2 * kRim);
  };
  return correlation(middle(moved), middle(image::gaussian_blur(after, kBlurPx)));
}

TEST(CarriedNoise, IsWhiteAndMovesWithTheCamera) {
  constexpr double kTolerance = 0.042;  // five deviations of 14,400 numbers
  const Noises noises(flight());
  CarriedNoise noise = noises.make();
  at::Tensor before;
  for (std::int64_t frame = 60; frame < 140; ++frame) {
    const at::Tensor now = noise.at(kWhole, frame);
    ASSERT_NEAR(now.square().mean().item<double>(), 1, 1.5 * kTolerance) << frame;
    ASSERT_NEAR((now.narrow(2, 1, kSize.width - 1) * now.narrow(2, 0, kSize.width - 1)).mean().item<double>(),
                0, kTolerance)
        << frame;
    if (before.defined()) {
      ASSERT_GT(along(before, now, noises.step()), 0.9) << frame;
    }
    before = now;
  }
}

TEST(CarriedNoise, DependsOnTheFrameAlone) {
  const Noises noises(flight());
  CarriedNoise noise = noises.make();
  for (const std::int64_t frame : {0, 1, 95, 96, 97, 127, 128, 200, 97, 0}) {
    const at::Tensor now = noise.at(kWhole, frame);
    EXPECT_TRUE(at::equal(now, noises.alone(frame))) << frame;
  }
}

TEST(CarriedNoise, RestsWhileTheCameraRestsAndIsRenewedInTime) {
  job::Job job = flight();
  job.camera = {};
  const Noises noises(std::move(job));
  const at::Tensor first = noises.alone(0);
  EXPECT_TRUE(at::equal(noises.alone(kRenewedEvery - 1), first));
  constexpr double kNearOne = 0.995;  // the cosine of a turn of a right angle in 33 steps, and its own noise
  for (std::int64_t frame = kRenewedEvery - 2; frame < kRenewedEvery + kRenewedOver + 2; frame += 3)
    EXPECT_GT(correlation(noises.alone(frame), noises.alone(frame + 1)), kNearOne) << frame;
  EXPECT_NEAR(correlation(noises.alone(kRenewedEvery + kRenewedOver), first), 0, 0.042);
}

TEST(CarriedNoise, BeginsAnewWithEachPiece) {
  const Noises noises(flight());
  const Piece later{100, 100, 300, 1};
  EXPECT_FALSE(at::equal(noises.alone(110, later), noises.alone(110)));
  CarriedNoise noise = noises.make();
  noise.at(kWhole, 105);
  EXPECT_TRUE(at::equal(noise.at(later, 106), noises.alone(106, later)));
}

TEST(CarriedNoise, StepsFromDreamedFrameToDreamedFrame) {
  job::Job job = flight();
  job.temporal.every = 4;
  const Noises noises(std::move(job));
  CarriedNoise noise = noises.make();
  noise.at(kWhole, 40);
  image::CameraStep step = noises.step();
  step.zoom = std::pow(step.zoom, 4);
  step.rotate_degrees *= 4;
  EXPECT_GT(along(noises.alone(40), noise.at(kWhole, 44), step), 0.9);
  EXPECT_TRUE(at::equal(noises.alone(100), noise.at(kWhole, 100)));
}

// A draft of half the size moves the noise of the final render's frames, and scales it down.
TEST(CarriedNoise, OfADraftIsTheFinalRendersScaledDown) {
  job::Job draft = flight();
  draft.input.noise->width /= 2;
  draft.input.noise->height /= 2;
  draft.dream.draft = 2;
  constexpr std::int64_t kFrame = 20;  // after as many moves
  const auto small = Noises(draft).make().grain(kWhole, kFrame, 1);
  const auto large = Noises(flight()).make().grain(kWhole, kFrame, 1);
  const image::Size size{kSize.height / 2, kSize.width / 2};
  EXPECT_TRUE(at::equal(small.now, image::resize(large.now, size)));
  EXPECT_TRUE(at::equal(small.before, image::resize(large.before, size)));
}

TEST(CarriedNoise, TheGrainIsAsStrongAsTheJobSaysAndOnlyThere) {
  job::Job job = flight();
  job.temporal.noise = curve::Curve({{{0, TimePoint::Unit::frames}, 0.2},
                                     {{10, TimePoint::Unit::frames}, 0},
                                     {{20, TimePoint::Unit::frames}, 0}});
  const auto grain_in = [](const job::Job& of, std::int64_t frame, std::int64_t back) {
    return Noises(of).make().grain(kWhole, frame, back);
  };
  EXPECT_NEAR(grain_in(job, 5, 1).now.std().item<double>(), 0.1, 0.005);
  EXPECT_NEAR(grain_in(job, 5, 1).before.std().item<double>(), 0.12, 0.006);
  EXPECT_FALSE(grain_in(job, 5, 0).before.defined());
  EXPECT_FALSE(grain_in(job, 15, 1).now.defined());
  job.temporal.noise_motion = job::Temporal::NoiseMotion::fresh;
  EXPECT_FALSE(grain_in(job, 5, 1).now.defined());
}

class Flights : public testing::TestWithParam<std::string> {
 protected:
  Flights() { test::write_tiny_network(scratch_.path()); }

  job::Job job(const std::string& more) const {
    test::write_file(scratch_ / "job.yaml",
                     "input: {noise: {size: 32x24, fps: 24, duration: 160f}}\nnetwork: {path: tiny.onnx}\n"
                     "precision: fp32\ndevice: cpu\ndream: {objectives: [{layer: relu1}], octaves: 1, "
                     "iterations: 1}\ncamera: {zoom: 1.3, rotate: 20, pan: [0.1, 0]}\n" +
                         more);
    return job::load_job(scratch_ / "job.yaml", {});
  }

  // The decoded frames of the finished file; "" if the render was stopped after some frames.
  std::string rendered(const std::string& more, std::int64_t stop_after = -1) {
    test::StopAfter stopper(stop_after);
    render::RenderOptions options;
    options.memory = std::int64_t{4} << 30;
    options.progress = &stopper;
    try {
      render::render(job(more), options);
    } catch (const Interrupted&) {
      EXPECT_GE(stop_after, 0);
      return "";
    }
    EXPECT_EQ(stop_after, -1);
    const auto frames = scratch_ / "frames.raw";
    test::ffmpeg({"-y", "-i", (scratch_ / "out.mkv").string(), "-f", "rawvideo", frames.string()});
    return test::read_file(frames);
  }

  test::ScratchDir scratch_;
};

std::string with(const std::string& keys, const std::string& motion) {
  return "output: {path: out.mkv, video: {codec: ffv1, pixel_format: gbrp16}" +
         (keys.starts_with("loop") ? ", " + keys : "") +
         "}\ntemporal: {flow: none, iterations: 1, noise: 0.1" +
         (keys.empty() || keys.starts_with("loop") ? "" : ", " + keys) + ", noise_motion: " + motion + "}\n";
}

// The stops lie in a strand, where one replaces another, and near the end of a loop.
TEST_P(Flights, AreTheSameHoweverOftenTheyWereStopped) {
  const std::string job = with(GetParam(), "carried");
  const std::string expected = rendered(job);
  fs::remove(scratch_ / "out.mkv");
  EXPECT_EQ(rendered(job, 40), "");
  EXPECT_EQ(rendered(job, 65), "");  // at frame 105
  EXPECT_EQ(rendered(job, 28), "");  // at frame 133
  EXPECT_TRUE(rendered(job) == expected);
  fs::remove(scratch_ / "out.mkv");
  EXPECT_FALSE(rendered(with(GetParam(), "fresh")) == expected);
}

INSTANTIATE_TEST_SUITE_P(Jobs, Flights,
                         testing::Values("", "every: 3, cuts: [50f, 100f], warmup: 2",
                                         "loop: {crossfade: 10f}"));

}  // namespace
}  // namespace dreamreel::carry
