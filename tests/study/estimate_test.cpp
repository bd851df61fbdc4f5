#include "dreamreel/study/estimate.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/red_network.h"
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

// Each scene counts with its own octaves and iterations.
TEST(EstimateTest, EveryScenesCostsCount) {
  const test::ScratchDir scratch;
  test::write_tiny_network(scratch.path());
  const auto look = [&](const std::string& name, const std::string& numbers) {
    test::write_file(
        scratch / name,
        "network: tiny.onnx\ndream: {objectives: [{layer: mixed1}], jitter: 2, " + numbers + "}\n");
  };
  look("quick.yaml", "octaves: 1, iterations: 2");
  look("slow.yaml", "octaves: 1, iterations: 9");
  test::write_file(scratch / "job.yaml",
                   "input: {noise: {size: 64x64, duration: 24f}}\noutput: {path: out.mkv}\n"
                   "device: cpu\nprecision: fp32\n"
                   "scenes: [{from: 0s, look: quick.yaml}, {from: 12f, look: slow.yaml}]\n");
  const auto found = estimate(job::load_job(scratch / "job.yaml", job::default_load_options()), {}, 0);
  ASSERT_EQ(found.shot_seconds.size(), 2U);
  const auto &quick = found.shot_seconds[0], &slow = found.shot_seconds[1];
  EXPECT_NEAR(slow.first_frame / quick.first_frame, 4.5, 1e-6) << "9 steps in place of 2";
  EXPECT_NEAR(slow.next_frame / quick.next_frame, 1.5, 1e-6) << "3 steps, which is the most, in place of 2";
  EXPECT_NEAR(found.total_seconds,
              quick.first_frame + slow.first_frame + 11 * (quick.next_frame + slow.next_frame), 1e-9);
  EXPECT_NEAR(found.first_frame_seconds, (quick.first_frame + slow.first_frame) / 2, 1e-12);
}

// Several outputs are encoded after the last frame.
TEST(EstimateTest, EncodingOfSeveralOutputsCounts) {
  const test::ScratchDir scratch;
  test::write_tiny_network(scratch.path());
  const auto found_with = [&](const std::string& outputs) {
    test::write_file(scratch / "job.yaml",
                     "input: {noise: {size: 64x64, duration: 24f}}\n" + outputs +
                         "\nnetwork: tiny.onnx\ndevice: cpu\nprecision: fp32\n"
                         "dream: {objectives: [{layer: mixed1}], octaves: 1, iterations: 2, jitter: 2}\n");
    return estimate(job::load_job(scratch / "job.yaml", job::default_load_options()), {}, 0);
  };
  const auto dreams = [](const Estimate& found) {
    return found.shot_seconds[0].first_frame + 23 * found.shot_seconds[0].next_frame;
  };
  const auto one = found_with("output: {path: a.mp4}");
  ASSERT_EQ(one.outputs.size(), 1U);
  EXPECT_EQ(one.outputs[0].encoding_seconds, 0);
  EXPECT_NEAR(one.total_seconds, dreams(one), 1e-9);
  const auto two = found_with("outputs: [{path: a.mp4}, {path: b.gif}]");
  ASSERT_EQ(two.outputs.size(), 2U);
  const double first = two.outputs[0].encoding_seconds, second = two.outputs[1].encoding_seconds;
  EXPECT_GT(first, 0);
  EXPECT_GT(second, 0);
  EXPECT_NEAR(two.total_seconds, dreams(two) + first + second, 1e-9);
}

// A song's rhythm is told before anything reads it.
TEST(EstimateTest, TellsTheRhythmOfASong) {
  const test::ScratchDir scratch;
  test::write_tiny_network(scratch.path());
  test::ffmpeg({"-f", "lavfi", "-i", "aevalsrc='exp(-60*mod(t,0.5))*sin(2*PI*t*400)':d=12",
                (scratch / "song.wav").string()});
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x64:r=12:d=12", "-i", (scratch / "song.wav").string(),
                "-c:v", "ffv1", "-c:a", "flac", (scratch / "clip.mkv").string()});
  const auto found_with = [&](const std::string& more) {
    test::write_file(scratch / "job.yaml",
                     "output: {path: a.mp4}\nnetwork: tiny.onnx\ndevice: cpu\nprecision: fp32\n"
                     "dream: {objectives: [{layer: mixed1}], octaves: 1, iterations: 1, jitter: 2}\n" +
                         more);
    return estimate(job::load_job(scratch / "job.yaml", job::default_load_options()), {}, 0);
  };
  const auto song = found_with("input: {path: clip.mkv, audio: song.wav}\n");
  ASSERT_TRUE(song.rhythm);
  EXPECT_NEAR(song.rhythm->bpm, 120, 1);
  EXPECT_TRUE(found_with("input: {path: clip.mkv}\ntemporal: {cuts: [2bar]}\n").rhythm);
  EXPECT_FALSE(found_with("input: {path: clip.mkv}\n").rhythm) << "nothing asks about the clip's own sound";
}

// A mask that a network makes costs time for every frame, and memory beside the frames.
TEST(EstimateTest, AMaskOfANetworkCostsTimeAndMemory) {
  const test::ScratchDir scratch;
  test::write_tiny_network(scratch.path());
  test::write_red_network(scratch.path());
  test::ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x64:r=24", "-frames:v", "6", "-c:v", "ffv1",
                (scratch / "clip.mkv").string()});
  const auto found_with = [&](const std::string& mask) {
    test::write_file(scratch / "job.yaml",
                     "input: {path: clip.mkv}\noutput: {path: out.mkv}\nnetwork: tiny.onnx\n"
                     "device: cpu\nprecision: fp32\ntemporal: {flow: none}\n"
                     "dream: {" +
                         mask + "objectives: [{layer: mixed1}], octaves: 1, iterations: 2, jitter: 2}\n");
    return estimate(job::load_job(scratch / "job.yaml", job::default_load_options()), {}, 0);
  };
  EXPECT_EQ(found_with("").mask_seconds, 0);
  const auto found = found_with("mask: {from: class, class: red thing, network: red.onnx}, ");
  EXPECT_GT(found.mask_seconds, 0);
  ASSERT_EQ(found.shot_seconds.size(), 1U);
  EXPECT_NEAR(found.total_seconds,
              found.shot_seconds[0].first_frame + 5 * found.shot_seconds[0].next_frame +
                  static_cast<double>(found.frames + found.run_in) * found.mask_seconds,
              1e-9);
}

}  // namespace
}  // namespace dreamreel::study
