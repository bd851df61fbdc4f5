// Tests that bad input gives one clear message and the documented exit code, and leaves no output.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/onnx_model.h"
#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class BadInput : public testing::Test {
 protected:
  // Runs a render of job() with overrides, and expects it to fail cleanly.
  std::string expect_failure(int exit_code, const std::vector<std::string>& overrides = {}) {
    std::vector<std::string> args{"render", bench_.job()};
    for (const auto& override : overrides) args.insert(args.end(), {"--set", override});
    return expect_failure_of(exit_code, args);
  }

  std::string expect_failure_of(int exit_code, const std::vector<std::string>& args) {
    const auto result = bench_.dreamreel(args);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_THAT(result.err, HasSubstr("error: "));
    EXPECT_THAT(bench_.files("out"), IsEmpty());
    EXPECT_THAT(bench_.files(".out"), IsEmpty());
    return result.err;
  }

  Workbench bench_;
};

TEST_F(BadInput, MissingFile) {
  EXPECT_THAT(expect_failure(66), HasSubstr("clip.mkv"));
}

TEST_F(BadInput, MissingJobFile) {
  EXPECT_THAT(expect_failure_of(66, {"render", bench_ / "none.yaml"}), HasSubstr("none.yaml"));
}

TEST_F(BadInput, ATextFileCalledMp4) {
  write_file(bench_ / "clip.mp4", "once upon a time\n");
  EXPECT_THAT(expect_failure(66, {"input.path=" + (bench_ / "clip.mp4").string()}), HasSubstr("clip.mp4"));
}

TEST_F(BadInput, NoVideoStream) {
  ffmpeg({"-f", "lavfi", "-i", "sine=duration=0.2", bench_ / "sound.wav"});
  EXPECT_THAT(expect_failure(66, {"input.path=" + (bench_ / "sound.wav").string()}), HasSubstr("sound.wav"));
}

TEST_F(BadInput, ATruncatedClipRendersWhatDecodes) {
  bench_.clip();
  const auto whole = read_file(bench_ / "clip.mkv");
  write_file(bench_ / "clip.mkv", whole.substr(0, whole.size() / 2));
  const auto result = bench_.dreamreel({"render", bench_.job()});
  EXPECT_EQ(result.exit_code, 66);
  EXPECT_THAT(result.err, HasSubstr("clip.mkv"));
  const auto frames = std::ranges::count(Workbench::probe(bench_ / "out.mkv", "packet=pts"), '\n');
  EXPECT_GT(frames, 2);
  EXPECT_LT(frames, 12);
}

TEST_F(BadInput, ACorruptNetwork) {
  bench_.clip();
  write_file(bench_ / "tiny.onnx", "this is no network");
  EXPECT_THAT(expect_failure(66), HasSubstr("tiny.onnx"));
}

TEST_F(BadInput, AMissingNetwork) {
  bench_.clip();
  EXPECT_THAT(expect_failure(69, {"network={path: none.onnx}"}), HasSubstr("none.onnx"));
}

TEST_F(BadInput, AWrongLayerName) {
  bench_.clip();
  EXPECT_THAT(expect_failure(78, {"dream.objectives=[{layer: mixd1}]"}), HasSubstr("mixed1"));
}

TEST_F(BadInput, AnUnsupportedOperator) {
  bench_.clip();
  OnnxModel model;
  model.conv("conv1", "picture", 3, 4, 3);
  model.node("NoSuchOperator", "odd", {"conv1"});
  model.conv("mixed1", "odd", 4, 4, 3);
  model.output("mixed1");
  model.write(bench_ / "tiny.onnx");
  EXPECT_THAT(expect_failure(69),
              testing::AllOf(HasSubstr("NoSuchOperator"), HasSubstr("odd"), HasSubstr("conv1")));
}

TEST_F(BadInput, AGpuThatIsNotThere) {
  bench_.clip();
  EXPECT_THAT(expect_failure(69, {"device=cuda:63"}), HasSubstr("cuda:63"));
}

TEST_F(BadInput, YamlSyntax) {
  write_file(bench_ / "job.yaml", "input: {path: clip.mkv\noutput: [\n");
  EXPECT_THAT(expect_failure_of(78, {"render", bench_ / "job.yaml"}), HasSubstr("job.yaml:"));
}

TEST_F(BadInput, AllProblemsInOneRun) {
  const auto job = bench_.job("camra: {zoom: 2}\ntemporal: {blend: 7}\n");
  const auto message = expect_failure_of(78, {"render", job});
  EXPECT_THAT(message, testing::AllOf(HasSubstr("job.yaml:6: camra"), HasSubstr("camera"),
                                      HasSubstr("job.yaml:7: temporal.blend")));
}

TEST_F(BadInput, AnUnwritableOutput) {
  bench_.clip();
  write_file(bench_ / "plain", "a file, not a folder");
  EXPECT_THAT(expect_failure_of(74, {"render", bench_.job(), "-o", bench_ / "plain/x.mkv"}),
              HasSubstr("-o: output.path: cannot write into " + (bench_ / "plain").string()));
}

// A file size limit stands in for a full disk. It needs no rights, and write() fails in the same place.
TEST_F(BadInput, AFullDisk) {
  ffmpeg(
      {"-f", "lavfi", "-i", "testsrc2=size=320x240:rate=24:duration=1", "-c:v", "ffv1", bench_ / "clip.mkv"});
  const auto result =
      run_process({"prlimit", "--fsize=100000", "--", DREAMREEL_EXECUTABLE, "render", bench_.job()});
  EXPECT_EQ(result.exit_code, 74) << result.err;
  EXPECT_THAT(result.err, HasSubstr("out.mkv"));
  // For the next run to continue from.
  EXPECT_THAT(bench_.files("out"), testing::ElementsAre("out.mkv.work"));
  EXPECT_THAT(bench_.files(".out"), IsEmpty());
}

TEST_F(BadInput, AnUnknownEncoderAndAnUnknownOption) {
  bench_.clip();
  EXPECT_THAT(expect_failure(78, {"output.video.codec=libx264x"}), HasSubstr("libx264"));
  EXPECT_THAT(expect_failure(78, {"output.video={codec: libx264, options: {crff: 16}}"}), HasSubstr("crf"));
}

TEST_F(BadInput, AClipIntoOnePicture) {
  bench_.clip();
  EXPECT_THAT(expect_failure_of(78, {"render", bench_.job(), "-o", bench_ / "out.png"}), HasSubstr("%06d"));
}

TEST_F(BadInput, FramesTooSmallForTheNetwork) {
  ffmpeg({"-f", "lavfi", "-i", "color=red:size=16x16:rate=24:duration=0.2,format=rgb24,crop=1:1", "-c:v",
          "ffv1", "-pix_fmt", "bgr0", bench_ / "clip.mkv"});
  OnnxModel model;
  model.conv("mixed1", "picture", 3, 4, 3);  // without padding: 3 px give one position
  model.output("mixed1");
  model.write(bench_ / "tiny.onnx");
  EXPECT_THAT(expect_failure(78), testing::AllOf(HasSubstr("1x1"), HasSubstr("at least 3 px")));
}

TEST_F(BadInput, WrongCommandLines) {
  EXPECT_EQ(bench_.dreamreel({}).exit_code, 64);
  EXPECT_EQ(bench_.dreamreel({"rendr"}).exit_code, 64);
  EXPECT_EQ(bench_.dreamreel({"render"}).exit_code, 64);
  bench_.clip();
  for (const char* frames :
       {"50", "9..3", "a..b", "-1..4", "100..200", "5..13", "0.2s..0.6s", "2.5..4", ".."})
    EXPECT_EQ(bench_.dreamreel({"render", bench_.job(), "--frames", frames}).exit_code, 64) << frames;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"render", bench_.job(), "--seed", "-1"},
        {"farm", "plan", bench_.job(), "-o", bench_ / "plan.json", "--max-frames", "-1"},
        {"farm", "chunk", "--plan", bench_ / "plan.json", "--index", "-1"},
        {"farm", "emit", "slurm", "--plan", bench_ / "plan.json", "-o", bench_ / "jobs", "--gpus", "-2"},
        {"atlas", bench_ / "tiny.onnx", "-o", bench_ / "atlas.png", "--seed", "-1"}}) {
    const auto refused = bench_.dreamreel(words);
    EXPECT_EQ(refused.exit_code, 64) << words.back();
    EXPECT_THAT(refused.err,
                testing::ContainsRegex(": expected a whole number from 0 (on|to [0-9]+), got '-"));
    EXPECT_THAT(bench_.files("out"), IsEmpty());
  }
}

}  // namespace
}  // namespace dreamreel::test
