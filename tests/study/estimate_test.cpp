#include "dreamreel/study/estimate.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/tiny_network.h"

namespace dreamreel::study {
namespace {

// A fade-in begins with frames that take no step, but the others do.
TEST(EstimateTest, AFadeInIsNotForNothing) {
  const test::ScratchDir scratch;
  test::write_tiny_network(scratch.path());
  test::write_file(
      scratch / "job.yaml",
      "input: {noise: {size: 64x64, duration: 6f}}\noutput: {path: out.mkv}\nnetwork: tiny.onnx\n"
      "device: cpu\nprecision: fp32\n"
      "dream: {objectives: [{layer: mixed1}], octaves: 1, iterations: 2, jitter: 2}\n");
  auto options = job::default_load_options();
  for (const char* const strength : {"dream.strength={0s: 0, 5s: 0.5}", "dream.strength=\"4*t\""}) {
    options.overrides = {strength};
    const auto found = estimate(job::load_job(scratch / "job.yaml", options), {}, 0);
    EXPECT_GT(found.first_frame_seconds, 0) << strength;
    EXPECT_GT(found.next_frame_seconds, 0) << strength;
  }
}

}  // namespace
}  // namespace dreamreel::study
