#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
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

TEST(Commands, CheckCountsTheRoundsOfWarmingUp) {
  const Workbench bench;
  bench.clip();
  const auto first_to_step = [&](const std::string& rounds) {
    const auto checked = bench.dreamreel({"check", bench.job(), "--set", "temporal.warmup=" + rounds});
    double step_ms = 0, first_seconds = 0;
    const auto at = checked.out.find(" ms a step;");
    EXPECT_NE(at, std::string::npos) << checked.out;
    const auto line = checked.out.substr(checked.out.rfind('#', at));
    EXPECT_EQ(std::sscanf(line.c_str(), "# %lf ms a step; %lf s for the first", &step_ms, &first_seconds), 2);
    return first_seconds * 1e3 / step_ms;
  };
  EXPECT_GT(first_to_step("1000"), 500);  // at least one step a round, measured to a tenth of a millisecond
  EXPECT_LT(first_to_step("0"), 100);
}

TEST(Commands, CheckDrawsTheCurves) {
  const Workbench bench;
  bench.clip();
  const auto job = bench.job("camera: {zoom: \"1+bass\", rotate: {0s: 0, 0.5s: 12}}\n");
  ASSERT_EQ(bench.dreamreel({"check", job, "--curves", bench / "c.csv"}).exit_code, 0);
  std::istringstream csv(read_file(bench / "c.csv"));
  std::string line;
  std::getline(csv, line);
  EXPECT_TRUE(line.starts_with("t,n,loudness,bass,mid,treble,onset,beat,beats,bar,phrase,dream.objectives.0"))
      << line;
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
  EXPECT_EQ(sheet["levels"]["bass"]["values"].size(), 12U);
  EXPECT_EQ(sheet["song"], nlohmann::json({{"path", "clip.mkv"}, {"name", "clip.mkv"}, {"start", 0.0}}));
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
  EXPECT_FALSE(mixed->contains("classes")) << "it has no card";
}

TEST(Commands, LayersNamesTheClassesThatItSees) {
  const Workbench bench;
  bench.clip();
  write_file(bench / "tiny.yaml", "name: tiny\nfile: tiny.onnx\nlabels: names.txt\nclasses: [relu3]\n");
  std::string names = "background\n";
  for (int i = 1; i < 16; ++i) names += "thing " + std::to_string(i) + "\n";
  write_file(bench / "names.txt", names);
  const std::vector<std::string> command{
      "layers", bench / "tiny.onnx", "--image", bench / "clip.mkv", "--top", "3"};
  const auto text = bench.dreamreel(command);
  ASSERT_EQ(text.exit_code, 0) << text.err;
  auto json_command = command;
  json_command.emplace_back("--json");
  const auto layers = nlohmann::json::parse(bench.dreamreel(json_command).out);
  const auto& seen = layers.back()["classes"];
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_GE(seen[0]["probability"], seen[1]["probability"]);
  EXPECT_EQ(seen[0]["class"], "thing " + std::to_string(seen[0]["channel"].get<int>()));
  EXPECT_THAT(text.out, HasSubstr("/ " + seen[0]["class"].get<std::string>() + " ("));
}

TEST(Commands, ClassesRanksThemOnAPicture) {
  const Workbench bench;
  bench.clip();
  write_file(bench / "tiny.yaml", "name: tiny\nfile: tiny.onnx\nlabels: names.txt\nclasses: [relu3]\n");
  std::string names;
  for (int i = 0; i < 16; ++i) names += "thing " + std::to_string(i) + "\n";
  write_file(bench / "names.txt", names);
  const auto ranked = bench.dreamreel({"classes", bench / "tiny.onnx", "--image", bench / "clip.mkv"});
  ASSERT_EQ(ranked.exit_code, 0) << ranked.err;
  EXPECT_EQ(std::ranges::count(ranked.out, '\n'), 16) << "every class";
  EXPECT_THAT(ranked.out, HasSubstr("\tthing 15\tat "));
  EXPECT_EQ(bench.dreamreel({"classes", "--image", bench / "clip.mkv"}).exit_code, 64);
}

TEST(Commands, ClassesNamesWhatNetworksKnow) {
  const Workbench bench;
  const auto one = bench.dreamreel({"classes", "oid"});
  ASSERT_EQ(one.exit_code, 0) << one.err;
  EXPECT_THAT(one.out, testing::AllOf(HasSubstr("classes_32"), HasSubstr("20\tdog\n")));
  const auto all = bench.dreamreel({"classes"});
  ASSERT_EQ(all.exit_code, 0) << all.err;
  EXPECT_THAT(all.out, testing::AllOf(HasSubstr("\noid"), HasSubstr(": background, bicycle, boot, laptop")));
  EXPECT_THAT(all.out, testing::Not(HasSubstr("faceres")));
  const auto none = bench.dreamreel({"classes", "faceres"});
  EXPECT_EQ(none.exit_code, 78);
  EXPECT_THAT(none.err, HasSubstr("has no label file"));
}

TEST(Commands, BenchPrintsOneJsonObject) {
  const Workbench bench;
  const auto result =
      bench.dreamreel({"bench", "--network", bench / "tiny.onnx", "--layers", "mixed1,relu3", "--size",
                       "96x64", "--steps", "3", "--precision", "fp32", "--threads", "1", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_GT(json["step_ms"], 0);
  EXPECT_GT(json["step_cpu_ms"], 0);
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

TEST(Commands, MeasureTakesFilterAndTrimFromTheJobInTheFile) {
  const Workbench bench;
  const auto clip = bench.clip();
  const auto job = bench.job("");
  ASSERT_EQ(
      bench.dreamreel({"render", job, "--set", "input.filter=scale=96:72", "--set", "input.trim=[2f, 8f]"})
          .exit_code,
      0);
  const auto same = bench.dreamreel({"measure", bench / "out.mkv", "--source", clip});
  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_THAT(same.err, HasSubstr("are those of the job in"));
  const auto said = bench.dreamreel({"measure", bench / "out.mkv", "--source", clip, "--filter",
                                     "scale=96:72", "--trim-start", "2f", "--trim-end", "8f"});
  EXPECT_EQ(said.out, same.out);
  EXPECT_EQ(bench.dreamreel({"measure", bench / "out.mkv", "--source", clip, "--trim-start", "2f"}).exit_code,
            65)
      << "what is said counts alone";
}

TEST(Commands, AProfileShowsEachThreadAtWork) {
  const Workbench bench;
  bench.clip();
  const auto rendered = bench.dreamreel({"render", bench.job(), "--profile", bench / "trace.json"});
  ASSERT_EQ(rendered.exit_code, 0) << rendered.err;
  const auto trace = nlohmann::json::parse(read_file(bench / "trace.json"));
  std::map<std::string, int> spans;
  std::map<std::string, std::set<int>> frames, threads;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    EXPECT_GE(event["ts"], 0);
    EXPECT_GE(event["dur"], 0);
    const std::string name = event["name"];
    ++spans[name];
    threads[name].insert(event["tid"].get<int>());
    if (event.contains("args")) frames[name].insert(event["args"]["frame"].get<int>());
  }
  for (const char* name : {"decode", "ascend", "store", "encode", "colour and quantise"})
    EXPECT_EQ(frames[name].size(), 12U) << name;
  EXPECT_EQ(spans["flow"], 11);
  EXPECT_EQ(spans["step"], 12 * 2 * 3) << "frames, octaves, iterations";
  EXPECT_EQ(threads["decode"], std::set{0});
  EXPECT_EQ(threads["step"], std::set{1});
  EXPECT_EQ(threads["encode"], std::set{2});
  EXPECT_EQ(bench.dreamreel({"render", bench.job(), "--profile", "/proc/none/t.json"}).exit_code, 74);
  EXPECT_EQ(
      bench.dreamreel({"render", bench.job(), "--profile", bench / "t.json", "--workers", "2"}).exit_code,
      64);
}

TEST(Commands, BenchSaysWhereTheTimeOfARenderGoes) {
  const Workbench bench;
  const auto measured = bench.dreamreel({"bench", "--network", bench / "tiny.onnx", "--layers", "mixed1",
                                         "--size", "96x64", "--pipeline", "--frames", "5", "--json"});
  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  const auto result = nlohmann::json::parse(measured.out);
  EXPECT_EQ(result["frames"], 5);
  EXPECT_EQ(result["width"], 96);
  EXPECT_GT(result["steps_seconds"], 0);
  EXPECT_GT(result["seconds"], result["steps_seconds"]);
  EXPECT_GT(result["seconds"], result["first_frame_seconds"]);
  std::set<std::string> stages;
  for (const auto& stage : result["stages"]) stages.insert(stage["stage"].get<std::string>());
  for (const char* name :
       {"load network", "decode", "flow", "carry", "ascend", "step", "store", "encode", "join"})
    EXPECT_TRUE(stages.contains(name)) << name;
  bench.clip();
  const auto table = bench.dreamreel({"bench", "--network", bench / "tiny.onnx", "--layers", "mixed1",
                                      "--pipeline", "--clip", bench / "clip.mkv", "--frames", "4"});
  ASSERT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out, testing::AllOf(HasSubstr("4 frames of 64x48"), HasSubstr("times its ascent steps")));
  EXPECT_EQ(bench.dreamreel({"bench", "--frames", "4"}).exit_code, 64) << "without --pipeline";
}

TEST(Commands, HelpNamesTheExitCodes) {
  const Workbench bench;
  const auto help = bench.dreamreel({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, testing::AllOf(HasSubstr("render"), HasSubstr("75 interrupted")));
  EXPECT_EQ(bench.dreamreel({"render", "--help"}).exit_code, 0);
}

TEST(Commands, VersionNamesTheLibraries) {
  const Workbench bench;
  const auto version = bench.dreamreel({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out,
              testing::MatchesRegex(
                  "dreamreel [0-9.]+\nLibTorch [0-9.]+, oneDNN [23][0-9.]+, onnx [0-9.]+, FFmpeg [^,]+, "
                  "libebur128 [0-9.]+, LittleCMS [0-9.]+, OpenCV [^,]+\n"));
}

}  // namespace
}  // namespace dreamreel::test
