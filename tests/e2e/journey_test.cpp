// Tests that a journey through all layers of the default network changes without a jump, out of noise and on
// real footage.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "workbench.h"

namespace dreamreel::test {
namespace {

constexpr int kWidth = 160, kHeight = 96, kFramesPerSecond = 4;

const std::string kJourney =
    "output: {path: out.mkv, video: {codec: ffv1, pixel_format: gbrp16}}\n"
    "dream:\n"
    "  journey: {layers: [mixed0, mixed1, mixed2, mixed3, mixed4, mixed5], seconds_each: 2, crossfade: 1}\n"
    "  octaves: 2\n"
    "  iterations: 4\n"
    "temporal: {iterations: 2}\n";

// The mean difference of each frame from the frame before it, in 8-bit levels.
std::vector<double> differences(const std::filesystem::path& video) {
  const auto raw = video.string() + ".raw";
  ffmpeg({"-i", video.string(), "-f", "rawvideo", "-pix_fmt", "rgb24", raw});
  const std::string bytes = read_file(raw);
  constexpr std::size_t kFrame = std::size_t{3} * kWidth * kHeight;
  std::vector<double> means;
  for (std::size_t frame = 1; frame < bytes.size() / kFrame; ++frame) {
    double sum = 0;
    for (std::size_t i = frame * kFrame; i < (frame + 1) * kFrame; ++i)
      sum += std::abs(static_cast<int>(static_cast<unsigned char>(bytes[i])) -
                      static_cast<int>(static_cast<unsigned char>(bytes[i - kFrame])));
    means.push_back(sum / kFrame);
  }
  return means;
}

void expect_no_jump(const std::string& name, const std::string& input) {
  const Workbench bench;
  write_file(bench / "journey.yaml", input + kJourney);
  const auto result = bench.dreamreel({"render", bench / "journey.yaml"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  auto steps = differences(bench / "out.mkv");
  ASSERT_EQ(steps.size(), 12U * kFramesPerSecond - 1);
  const double largest = std::ranges::max(steps);
  std::ranges::nth_element(steps, steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2));
  const double median = steps[steps.size() / 2];
  EXPECT_GT(median, 0.2);  // the picture does change
  EXPECT_LT(largest, 3 * median);
  std::printf("%s: largest change %.2f levels, median %.2f (%.2f times)\n", name.c_str(), largest, median,
              largest / median);
}

TEST(Journey, OutOfNoiseHasNoJump) {
  expect_no_jump("noise", "input: {noise: {size: 160x96, fps: 4, duration: 12s}}\n");
}

TEST(Journey, OnFootageHasNoJump) {
  expect_no_jump("footage", "input: {path: " DREAMREEL_FOOTAGE
                            "/vtest.avi, trim: [0s, 12s], filter: 'fps=4,scale=160:96,setsar=1'}\n");
}

}  // namespace
}  // namespace dreamreel::test
