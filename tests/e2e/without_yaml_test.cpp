// The first commands of somebody who writes no job file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/scoped_environment.h"
#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::HasSubstr;

// A look of the tiny network, which the program finds by its name.
struct WithoutYaml : testing::Test {
  WithoutYaml() {
    std::filesystem::create_directory(bench / "looks");
    write_file(bench / "looks/tiny.yaml",
               "# A tiny look. For tests.\nnetwork: {path: ../tiny.onnx}\nprecision: fp32\n"
               "dream: {objectives: [{layer: mixed1}], octaves: 2, iterations: 3, jitter: 4}\n");
    write_file(bench / "looks/away.yaml", "# A look without its network.\nnetwork: vgg19\n");
    write_file(bench / "looks/unfit.yaml",
               "# A look that this frame cannot be dreamed in.\nextends: tiny.yaml\n"
               "dream: {objectives: [{layer: nowhere}]}\n");
  }

  Workbench bench;
  ScopedEnvironment looks{"DREAMREEL_LOOKS", (bench / "looks").c_str()};
  ScopedEnvironment networks{"DREAMREEL_NETWORKS", (bench / "none").c_str()};
  ScopedEnvironment cache{"XDG_CACHE_HOME", (bench / "cache").c_str()};
};

TEST_F(WithoutYaml, AClipIsRenderedInALook) {
  bench.clip();
  const auto rendered = bench.dreamreel({"render", "-i", bench / "clip.mkv", "--look", "tiny", "--seed", "2",
                                         "-q", "--frames", "0..3", "-o", bench / "50%.mkv"});
  const auto out = bench / "50%_0-3.mkv";
  ASSERT_EQ(rendered.exit_code, 0) << rendered.err;
  EXPECT_EQ(rendered.err, "");
  EXPECT_EQ(bench.probe(out, "stream=codec_type", "a"), "audio\n");
  const auto info = bench.dreamreel({"info", out});
  EXPECT_THAT(info.out,
              testing::AllOf(HasSubstr("seed: 2"), HasSubstr("layer: mixed1"), HasSubstr("clip.mkv")));
}

TEST_F(WithoutYaml, StrengthZeroIsTheSource) {
  ffmpeg({"-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "1", "-pix_fmt", "rgb48be",
          bench / "in.png"});
  const auto rendered = bench.dreamreel(
      {"render", bench / "in.png", "--look", "tiny", "--strength", "0", "-o", bench / "out.png"});
  ASSERT_EQ(rendered.exit_code, 0) << rendered.err;
  EXPECT_EQ(bench.frame_md5s(bench / "out.png"), bench.frame_md5s(bench / "in.png"));
}

TEST_F(WithoutYaml, ASheetShowsTheLooksAndNamesThoseThatAreMissing) {
  bench.clip();
  const auto made = bench.dreamreel({"looks", bench / "clip.mkv", "tiny", "away", "unfit", "--size", "64",
                                     "--at", "0.25s", "-o", bench / "sheet.png"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.err, testing::AllOf(HasSubstr("away: network file"), HasSubstr("unfit: "),
                                       HasSubstr("sheet.png: 1 look")));
  EXPECT_EQ(bench.probe(bench / "sheet.png", "stream=width,height"), "176,188\n");
  EXPECT_EQ(bench.dreamreel({"looks", bench / "clip.mkv", "tiny", "-o", bench / "sheet.png"}).exit_code, 64)
      << "a finished sheet is not replaced unasked";
}

TEST_F(WithoutYaml, LooksAreListed) {
  const auto listed = bench.dreamreel({"looks"});
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_THAT(listed.out, testing::AllOf(HasSubstr("A tiny look.\n"), HasSubstr("[not fetched: vgg19]"),
                                         HasSubstr("agate  ")));
}

TEST_F(WithoutYaml, ASongStartsWhereItIsToldTo) {
  bench.clip("clip.mkv", false);
  ffmpeg({"-f", "lavfi", "-i", "aevalsrc='if(lt(t,1),0,0.5*sin(440*2*PI*t))':d=3", bench / "song.wav"});
  const auto rendered =
      bench.dreamreel({"render", bench / "clip.mkv", "--look", "tiny", "--song", bench / "song.wav", "--set",
                       "input.audio_start=1s", "--set", "dream.step=5*loudness", "--set",
                       "output.metadata=none", "-o", bench / "out.mkv"});
  ASSERT_EQ(rendered.exit_code, 0) << rendered.err;
  const auto loudness = run_process({"ffmpeg", "-hide_banner", "-i", (bench / "out.mkv").string(), "-af",
                                     "atrim=end=0.1,volumedetect", "-f", "null", "-"});
  EXPECT_THAT(loudness.err, HasSubstr("max_volume: -6.")) << "not the silence that the song begins with";
  EXPECT_NE(bench.dreamreel({"info", bench / "out.mkv"}).exit_code, 0) << "no paths in what is given away";
}

}  // namespace
}  // namespace dreamreel::test
