// Tests how one frame leads to the next, on a tiny network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kLossless = "output.video={codec: ffv1, pixel_format: gbrp10}";

std::vector<std::string> hashes_of(const std::filesystem::path& video) {
  std::vector<std::string> hashes;
  std::istringstream lines(Workbench::frame_md5s(video));
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with('#')) hashes.push_back(line.substr(line.rfind(' ')));
  return hashes;
}

TEST(Excerpt, LooksAsItWillInTheWhole) {
  const Workbench bench;
  bench.clip();
  ASSERT_EQ(bench.dreamreel({"render", bench.job(), "--set", kLossless}).exit_code, 0);
  ASSERT_EQ(bench
                .dreamreel({"render", bench.job(), "--set", kLossless, "--frames", "8..11", "-o",
                            bench / "part.mkv"})
                .exit_code,
            0);
  const auto whole = hashes_of(bench / "out.mkv"), part = hashes_of(bench / "part_8-11.mkv");
  ASSERT_EQ(whole.size(), 12U);
  EXPECT_EQ(part, std::vector<std::string>(whole.begin() + 8, whole.begin() + 11));
}

TEST(Excerpt, IsTheSameFromAFarm) {
  const Workbench bench;
  bench.clip();
  const std::string plan = bench / "plan.json";
  ASSERT_EQ(bench.dreamreel({"render", bench.job(), "--frames", "8..11", "-o", bench / "one.mkv"}).exit_code,
            0);
  ASSERT_EQ(bench.dreamreel({"farm", "plan", bench.job(), "--frames", "8..11", "-o", plan}).exit_code, 0);
  ASSERT_EQ(bench.dreamreel({"farm", "chunk", "--plan", plan, "--index", "0"}).exit_code, 0);
  ASSERT_EQ(bench.dreamreel({"farm", "join", "--plan", plan}).exit_code, 0);
  EXPECT_EQ(hashes_of(bench / "out_8-11.mkv"), hashes_of(bench / "one_8-11.mkv"));
}

TEST(Warmup, GivesTheFirstFrameTheStrengthOfALaterOne) {
  const Workbench bench;
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=64x48:rate=24:duration=0.05", "-vf", "loop=11:1", "-c:v",
          "ffv1", (bench / "clip.mkv").string()});  // a clip that stands still
  const auto psnr = [&](const std::string& rounds) {
    EXPECT_EQ(bench
                  .dreamreel({"render", bench.job("temporal: {iterations: 3, warmup: " + rounds + "}\n"),
                              "--set", "dream.iterations=1", "--set", kLossless, "--restart"})
                  .exit_code,
              0);
    const auto result =
        bench.dreamreel({"measure", bench / "out.mkv", "--source", bench / "clip.mkv", "--json"});
    std::vector<double> values;
    const auto measured = nlohmann::json::parse(result.out);
    for (const auto& frame : measured.at("frames")) values.push_back(frame.at("psnr_db"));
    return values;
  };
  const auto cold = psnr("0"), warm = psnr("8");
  ASSERT_GE(std::min(cold.size(), warm.size()), 9U);
  EXPECT_GT(cold[0], cold[8] + 5);  // dB; there is little dream in the first frame
  EXPECT_NEAR(warm[0], cold[8], 1.5);
}

TEST(Sharpen, KeepsAFeedbackSharp) {
  const Workbench bench;
  const auto sharpness = [&](const std::string& amount) {
    write_file(bench / "zoom.yaml",
               "input: {noise: {size: 96x64, fps: 12, duration: 1s}}\n"
               "output: {path: zoom.mkv, video: {codec: ffv1}}\n"
               "network: {path: tiny.onnx}\n"
               "dream: {objectives: [{layer: mixed1}], octaves: 1, iterations: 0}\n"
               "temporal: {sharpen: " +
                   amount +
                   "}\n"
                   "camera: {zoom: 1.3}\n");
    EXPECT_EQ(bench.dreamreel({"render", bench / "zoom.yaml", "--restart"}).exit_code, 0);
    const auto result = bench.dreamreel({"measure", bench / "zoom.mkv", "--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out).at("frames").back().at("sharpness").get<double>();
  };
  EXPECT_GT(sharpness("0.3"), 1.5 * sharpness("0"));
}

TEST(Camera, SaysWhichZoomWouldCoverTheCorners) {
  const Workbench bench;
  bench.clip();
  const auto job = bench.job("camera: {rotate: 24}\n");
  const auto check = bench.dreamreel({"check", job});
  // one degree a frame: (cos 1 + 4/3 sin 1)^24
  EXPECT_THAT(check.err,
              HasSubstr("from frame 1 (0.0417 s) on: a camera.zoom of 1.731 a second would cover"));
  EXPECT_THAT(bench.dreamreel({"check", job, "--set", "camera.zoom=1.74"}).err,
              Not(HasSubstr("camera.zoom")));
}

TEST(Draft, IsSmallerQuickerAndOutOfTheWay) {
  const Workbench bench;
  bench.clip();
  ASSERT_EQ(bench.dreamreel({"render", bench.job(), "--draft"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(bench / "out.mkv"));
  EXPECT_EQ(Workbench::probe(bench / "out_draft.mkv", "stream=width,height"), "32,24\n");
  EXPECT_EQ(hashes_of(bench / "out_draft.mkv").size(), 12U);
  ASSERT_EQ(bench.dreamreel({"render", bench.job(), "--draft", "-o", bench / "here.mkv"}).exit_code, 0);
  EXPECT_EQ(hashes_of(bench / "here_draft.mkv"), hashes_of(bench / "out_draft.mkv"));
  EXPECT_THAT(bench.dreamreel({"info", bench / "out_draft.mkv"}).out, HasSubstr("iterations: 2"));
}

TEST(Motion, CarriesDotsAndDreamsOfNothing) {
  const Workbench bench;
  ffmpeg({"-f", "lavfi", "-i", "color=gray:s=96x64:r=24:d=0.5", "-c:v", "ffv1", "-pix_fmt", "gbrp10",
          (bench / "clip.mkv").string()});
  const auto dark = [&](const std::vector<std::string>& more) {
    std::vector<std::string> args{"render", bench.job(), "--motion", "--restart", "--set", kLossless};
    args.insert(args.end(), more.begin(), more.end());
    EXPECT_EQ(bench.dreamreel(args).exit_code, 0);
    return hashes_of(bench / "out_motion.mkv");
  };
  const auto still = dark({});
  EXPECT_EQ(still.front(), still.back());  // dots stay in place if nothing moves
  const auto moving = dark({"--set", "camera.rotate=20"});
  EXPECT_EQ(moving.front(), still.front());
  EXPECT_NE(moving.back(), still.back());
}

}  // namespace
}  // namespace dreamreel::test
