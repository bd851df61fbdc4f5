#include "dreamreel/dream/ascend.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "dreamreel/core/error.h"
#include "tiny.h"

namespace dreamreel::dream {
namespace {

AscentOptions small_options() {
  AscentOptions options;
  options.objectives = {{0, 1.0}};
  options.octaves = 2;
  options.iterations = 4;
  options.jitter = 5;
  return options;
}

constexpr RandomKey kKey{.seed = 3, .frame = 11};

TEST(Ascend, TheObjectiveRisesInEveryOctave) {
  const auto network = tiny_network({"relu3"});
  auto options = small_options();
  options.iterations = 12;
  std::vector<double> first(2), last(2);
  ascend(network, noise_picture(96, 64), options, kKey, [&](const StepReport& report) {
    const auto octave = static_cast<std::size_t>(report.octave);
    if (report.iteration == 0) first[octave] = report.objective;
    last[octave] = report.objective;
  });
  EXPECT_GT(last[1], 1.5 * first[1]);  // the coarse octave starts from plain noise
  EXPECT_GT(last[0], first[0]);
}

TEST(Ascend, ANegativeWeightCalmsTheLayer) {
  const auto network = tiny_network({"relu3"});
  const at::Tensor start = noise_picture(64, 64);
  auto options = small_options();
  options.objectives = {{0, -1.0}};
  const at::Tensor calmed = ascend(network, start, options, kKey).picture;
  const std::vector<Objective> energy{{0, 1.0}};
  EXPECT_LT(evaluate(network, calmed.unsqueeze(0), energy).value,
            evaluate(network, start.unsqueeze(0), energy).value);
}

TEST(Ascend, IsAPureFunctionOfItsArguments) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(64, 72);
  const auto frame = [&](std::int64_t number) {
    return ascend(network, start, small_options(), {.seed = 3, .frame = number}).picture;
  };
  const at::Tensor five = frame(5), three = frame(3);
  EXPECT_TRUE(at::equal(three, frame(3)));  // in another order: the same bits
  EXPECT_TRUE(at::equal(five, frame(5)));
  EXPECT_FALSE(at::equal(three, five));
  EXPECT_FALSE(at::equal(three, ascend(network, start, small_options(), {.seed = 4, .frame = 3}).picture));
}

TEST(Ascend, WithoutAStepThePictureIsUntouchedThroughAllOctaves) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(63, 71);
  auto options = small_options();
  options.octaves = 3;
  options.step = 0;
  EXPECT_TRUE(at::equal(ascend(network, start, options, kKey).picture, start));
  options.step = 1.5;
  options.iterations = 0;
  EXPECT_TRUE(at::equal(ascend(network, start, options, kKey).picture, start));
}

TEST(Ascend, AStepMovesTheAveragePixelByItsSize) {
  const auto network = tiny_network({"mixed1"});
  const at::Tensor start = noise_picture(64, 64);
  auto options = small_options();
  options.octaves = 1;
  options.iterations = 1;
  const at::Tensor moved = ascend(network, start, options, kKey).picture;
  EXPECT_NEAR((moved - start).abs().mean().item<double>(), 1.5 / 255,
              1e-6);  // mean |g/mean|g|| is 1; nothing clamps here
}

TEST(Ascend, StaysInRange) {
  const auto network = tiny_network({"mixed1"});
  auto options = small_options();
  options.step = 100;
  const at::Tensor picture = ascend(network, noise_picture(48, 48), options, kKey).picture;
  EXPECT_GE(picture.min().item<double>(), 0);
  EXPECT_LE(picture.max().item<double>(), 1);
}

TEST(Ascend, LeavesOutOctavesThatTheNetworkCannotSee) {
  const auto network = tiny_network({"relu3"});
  const auto side = network.min_input_side();
  auto options = small_options();
  options.octaves = 3;
  options.octave_scale = 2;
  options.iterations = 1;
  const auto result = ascend(network, noise_picture(2 * side + 1, 4 * side), options, kKey);
  EXPECT_EQ(result.octaves_dropped, 1);
  EXPECT_EQ(usable_octaves(network, 2 * side + 1, 4 * side, options), 2);
}

TEST(Ascend, SaysWhenThePictureIsTooSmall) {
  const auto network = tiny_network({"relu3"});
  if (network.min_input_side() > 1) {
    EXPECT_THROW(ascend(network, noise_picture(network.min_input_side() - 1, 64), small_options(), kKey),
                 RenderError);
  }
  EXPECT_THROW(ascend(network, at::zeros({1, 8, 8}), small_options(), kKey), std::invalid_argument);
}

}  // namespace
}  // namespace dreamreel::dream
