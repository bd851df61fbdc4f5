#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::HasSubstr;

TEST(Commands, CheckPrintsAJobThatRendersTheSame) {
  const Workbench bench;
  bench.clip();
  const auto checked = bench.dreamreel({"check", bench.job(), "--set", "dream.step=2"});
  ASSERT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(checked.out, testing::AllOf(HasSubstr("step: 2"), HasSubstr("12 frames of 64x48"),
                                          HasSubstr("frames 0..12"), HasSubstr("memory about")));
  write_file(bench / "resolved.yaml", checked.out);
  ASSERT_EQ(bench.dreamreel({"render", bench / "resolved.yaml", "-o", bench / "a.mkv"}).exit_code, 0);
  ASSERT_EQ(
      bench.dreamreel({"render", bench.job(), "--set", "dream.step=2", "-o", bench / "b.mkv"}).exit_code, 0);
  EXPECT_EQ(bench.frame_md5s(bench / "a.mkv"), bench.frame_md5s(bench / "b.mkv"));
}

TEST(Commands, CheckDrawsTheCurves) {
  const Workbench bench;
  bench.clip();
  const auto job = bench.job("camera: {zoom: \"1+bass\", rotate: {0s: 0, 0.5s: 12}}\n");
  ASSERT_EQ(bench.dreamreel({"check", job, "--curves", bench / "c.csv"}).exit_code, 0);
  std::istringstream csv(read_file(bench / "c.csv"));
  std::string line;
  std::getline(csv, line);
  EXPECT_TRUE(line.starts_with("t,n,loudness,bass,mid,treble,onset,beat,dream.objectives.0.weight,")) << line;
  EXPECT_THAT(line, HasSubstr(",camera.zoom,camera.rotate,camera.pan.0,"));
  const auto columns = std::ranges::count(line, ',');
  int rows = 0;
  for (; std::getline(csv, line); ++rows) {
    EXPECT_EQ(std::ranges::count(line, ','), columns);
    EXPECT_EQ(std::stod(line.substr(line.find(',') + 1)), rows) << line;
  }
  EXPECT_EQ(rows, 12);
  ASSERT_EQ(bench.dreamreel({"check", job, "--curves", bench / "c.html"}).exit_code, 0);
  const std::string page = read_file(bench / "c.html");
  EXPECT_THAT(page, testing::AllOf(HasSubstr("camera.zoom"), testing::Not(HasSubstr("http"))));
  const auto begin = page.find("const sheet = ") + 14;
  const auto sheet = nlohmann::json::parse(page.substr(begin, page.find(";\n\"use strict\"") - begin));
  EXPECT_EQ(sheet["t"].size(), 12U);
  EXPECT_EQ(sheet["levels"]["bass"].size(), 12U);
  EXPECT_EQ(bench.dreamreel({"check", job, "--curves", bench / "c.txt"}).exit_code, 64);
  bench.clip("clip.mkv", false);
  const auto silent = bench.dreamreel({"check", job, "--curves", bench / "none.csv"});
  EXPECT_EQ(silent.exit_code, 78);
  EXPECT_THAT(silent.err, HasSubstr("reads the sound"));
}

TEST(Commands, InfoPrintsTheJobThatMadeTheFile) {
  const Workbench bench;
  bench.clip();
  for (const char* name : {"out.mkv", "out.mp4", "%03d.png"}) {
    ASSERT_EQ(bench.dreamreel({"render", bench.job(), "-o", bench / name, "--set", "seed=77"}).exit_code, 0)
        << name;
    const std::string made = std::string(name) == "%03d.png" ? "000.png" : name;
    const auto info = bench.dreamreel({"info", bench / made});
    EXPECT_EQ(info.exit_code, 0) << info.err;
    EXPECT_THAT(info.out, HasSubstr("seed: 77")) << name;
  }
  EXPECT_EQ(bench.dreamreel({"info", bench / "clip.mkv"}).exit_code, 65);
  EXPECT_EQ(bench.dreamreel({"info", bench / "none.mkv"}).exit_code, 66);
}

TEST(Commands, LayersListsWhatCanBeAskedFor) {
  const Workbench bench;
  bench.clip();
  const auto plain = bench.dreamreel({"layers", bench / "tiny.onnx"});
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_THAT(plain.out, HasSubstr("mixed1"));
  const auto json = bench.dreamreel({"layers", bench / "tiny.onnx", "--image", bench / "clip.mkv", "--json"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const auto layers = nlohmann::json::parse(json.out);
  const auto mixed =
      std::ranges::find_if(layers, [](const auto& layer) { return layer["name"] == "mixed1"; });
  ASSERT_NE(mixed, layers.end());
  EXPECT_EQ((*mixed)["channels"], 16);
  EXPECT_EQ((*mixed)["scale"], 4);
  EXPECT_GT((*mixed)["rms"], 0);
  EXPECT_EQ((*mixed)["top_channels"].size(), 5U);
}

TEST(Commands, BenchPrintsOneJsonObject) {
  const Workbench bench;
  const auto result =
      bench.dreamreel({"bench", "--network", bench / "tiny.onnx", "--layers", "mixed1,relu3", "--size",
                       "96x64", "--steps", "3", "--precision", "fp32", "--threads", "1", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_GT(json["step_ms"], 0);
  EXPECT_GT(json["peak_mib"], 1);
  EXPECT_EQ(json["precision"], "fp32");
  EXPECT_EQ(json["threads"], 1);
}

TEST(Commands, MeasureTellsSteadyFromFlickering) {
  const Workbench bench;
  const auto clip = bench.clip("clip.mkv", false);
  ffmpeg({"-i", clip, "-vf", "noise=alls=40:allf=t", "-c:v", "ffv1", bench / "noisy.mkv"});
  const auto measured = [&](const std::filesystem::path& video) {
    const auto result = bench.dreamreel({"measure", video, "--source", clip, "--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out);
  };
  const auto same = measured(clip), noisy = measured(bench / "noisy.mkv");
  EXPECT_EQ(same["frame_count"], 12);
  EXPECT_TRUE(same["psnr_db"].is_null());  // infinite
  EXPECT_LT(noisy["psnr_db"], 40);
  EXPECT_GT(noisy["warping_error"].get<double>(), 2 * same["warping_error"].get<double>());
  EXPECT_GT(noisy["sharpness"], same["sharpness"]);
  EXPECT_EQ(bench.dreamreel({"measure", bench / "none.mkv"}).exit_code, 66);
}

TEST(Commands, HelpNamesTheExitCodes) {
  const Workbench bench;
  const auto help = bench.dreamreel({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, testing::AllOf(HasSubstr("render"), HasSubstr("75 interrupted")));
  EXPECT_EQ(bench.dreamreel({"render", "--help"}).exit_code, 0);
  EXPECT_EQ(bench.dreamreel({"--version"}).exit_code, 0);
}

}  // namespace
}  // namespace dreamreel::test
