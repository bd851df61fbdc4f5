// The picture under the dream of a still that becomes a film.
#include "dreamreel/carry/still_film.h"

#include <cmath>

#include "dreamreel/image/frame.h"
#include "support/small_renders.h"

namespace dreamreel::carry {
namespace {

constexpr image::Size kSize{48, 64};

TEST(AfterEachOther, MovesAsTheTwoStepsDo) {
  const image::CameraStep first{
      .zoom = 1.1, .rotate_degrees = 4, .pan_x = 0.05, .pan_y = -0.02, .pivot_x = 0.3},
      second{.zoom = 0.9, .rotate_degrees = -9, .pan_x = 0.01, .pan_y = 0.1, .pivot_y = 0.8};
  const at::Tensor inner = image::positions(kSize, second, {}, at::kCPU);
  const at::Tensor own = image::positions(kSize, {}, {}, at::kCPU);
  // positions() moves along the flow first, and then along the camera.
  const at::Tensor wanted = image::positions(kSize, first, inner - own, at::kCPU);
  const at::Tensor found = image::positions(kSize, after_each_other(first, second, kSize), {}, at::kCPU);
  EXPECT_LT((found - wanted).abs().max().item<double>(), 1e-3);
}

class StillFilms : public test::SmallRenders {
 protected:
  StillFilms() {
    test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=48x32", "-frames:v", "1", scratch_ / "photo.png"});
    test::ffmpeg({"-f", "lavfi", "-i", "color=white:s=24x32,pad=48:32:0:0:black", "-frames:v", "1",
                  scratch_ / "left.png"});
  }

  std::string keys(const std::string& dream, const std::string& more = "") const {
    return "input: {path: " + (scratch_ / "photo.png").string() +
           ", fps: 10, duration: 8f}\ndream: {octaves: 1, iterations: 2, step: 3, objectives: [{layer: "
           "relu1}], " +
           dream + "}\n" + more;
  }

  at::Tensor photo() const {
    media::ReaderOptions reading;
    reading.path = scratch_ / "photo.png";
    return media::Reader(reading).next().value().rgb;
  }
};

double difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

constexpr double kOneLevel = 1.5 / 65535;

TEST_F(StillFilms, ShowTheStillWhereTheDreamIsTransparent) {
  for (const auto& picture : rendered(keys("opacity: 0"), 8))
    EXPECT_LT(difference(picture, photo()), kOneLevel);
  const auto fading = rendered(keys("opacity: {0f: 0, 7f: 1}"), 8);
  const auto full = rendered(keys("opacity: 1"), 8);
  EXPECT_TRUE(at::equal(fading[7], full[7]));
  const at::Tensor half = image::lerp(photo(), full[4], 4 / 7.0);
  EXPECT_LT(difference(fading[4], half), 2 * kOneLevel);
}

TEST_F(StillFilms, ShowTheStillOutsideTheMaskInEveryFrame) {
  const std::string mask = "mask: {path: " + (scratch_ / "left.png").string();
  for (const std::string confine : {"true", "false"})
    for (const auto& picture :
         rendered(keys(mask + ", confine: " + confine + "}", "temporal: {noise: 0.05}\n"), 8)) {
      EXPECT_LT(difference(picture.narrow(2, 25, 23), photo().narrow(2, 25, 23)), kOneLevel);
      EXPECT_GT(difference(picture.narrow(2, 0, 24), photo().narrow(2, 0, 24)), 0.02);
    }
}

TEST_F(StillFilms, MoveTheStillWithTheCamera) {
  const std::string camera = "camera: {zoom: 1.5, rotate: 20, border: mirror}\n";
  const auto still = rendered(keys("opacity: 0", camera), 8);
  image::CameraStep path;
  for (int i = 0; i < 7; ++i)
    path = after_each_other(path, {.zoom = std::pow(1.5, 0.1), .rotate_degrees = 2}, {32, 48});
  const at::Tensor wanted =
      image::resample(photo(), image::positions({32, 48}, path, {}, at::kCPU), image::Border::mirror);
  EXPECT_LT(difference(still[7], wanted.clamp(0, 1)), 1e-3);
  // The same path with frames that are filled in, up to the error of the midpoint rule.
  const auto filled = rendered(keys("opacity: 0", camera + "temporal: {every: 3}\n"), 8);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_LT(difference(filled[i], still[i]), 1e-3) << i;
}

TEST_F(StillFilms, AreTheSameAfterAKill) {
  const std::string all = keys("opacity: 0.5, mask: {from: luma, range: [0.3, 1], confine: false}",
                               "camera: {zoom: 1.3}\ntemporal: {every: 2}\n");
  expect_same(rendered_in_two(all, 8, 5), rendered(all, 8), "killed");
}

}  // namespace
}  // namespace dreamreel::carry
