// Tests lesions and label files, and their effect on a whole render.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::HasSubstr;

std::string with_network(const std::string& network) {
  return "input: {path: clip.mkv}\noutput: {path: out.mkv, video: {codec: ffv1}}\nprecision: fp32\nseed: "
         "3\nnetwork: " +
         network +
         "\ndream: {objectives: [{layer: mixed1}], octaves: 2, iterations: 6, step: 4, jitter: 4}\n";
}

/// The mean absolute difference of two videos' frames, in 8-bit levels.
double difference(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto result = run_process(
      {"ffmpeg", "-hide_banner", "-i", a, "-i", b, "-lavfi",
       "[0][1]blend=all_mode=difference,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-", "-f",
       "null", "-"});
  const auto at = result.out.find("YAVG=");
  if (result.exit_code != 0 || at == std::string::npos) throw std::runtime_error("ffmpeg: " + result.err);
  return std::stod(result.out.substr(at + 5));
}

class Networks : public testing::Test {
 protected:
  Networks() { bench_.clip("clip.mkv", false); }

  std::filesystem::path render(const std::string& network, const std::string& name) const {
    write_file(bench_ / (name + ".yaml"), with_network(network));
    const auto out = bench_ / (name + ".mkv");
    const auto result = bench_.dreamreel({"render", bench_ / (name + ".yaml"), "-o", out});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return out;
  }

  std::string failure(const std::string& network, int code) const {
    write_file(bench_ / "bad.yaml", with_network(network));
    const auto result = bench_.dreamreel({"render", bench_ / "bad.yaml"});
    EXPECT_EQ(result.exit_code, code) << result.err;
    return result.err;
  }

  Workbench bench_;
};

TEST_F(Networks, AStrongLesionIsSeenAndNoneIsNot) {
  const auto whole = render("{path: tiny.onnx}", "whole");
  const auto asleep = render("{path: tiny.onnx, ablate: [{layer: relu1, random: 0.7, amount: 0}]}", "asleep");
  EXPECT_EQ(Workbench::frame_md5s(asleep), Workbench::frame_md5s(whole));
  const auto cut = render("{path: tiny.onnx, ablate: [{layer: relu1, random: 0.7}]}", "cut");
  constexpr double kVisible = 4;  // in 8-bit levels, the mean over a frame: more than one step of the ascent
  EXPECT_GT(difference(whole, cut), kVisible);
  const auto again = render("{path: tiny.onnx, ablate: [{layer: relu1, random: 0.7}]}", "again");
  EXPECT_EQ(Workbench::frame_md5s(again), Workbench::frame_md5s(cut));
}

TEST_F(Networks, ALesionFollowsItsCurve) {
  const auto whole = render("{path: tiny.onnx}", "whole");
  const auto late =
      render("{path: tiny.onnx, ablate: [{layer: relu1, channels: [0..7], amount: {5f: 0, 6f: 1}}]}", "late");
  const auto md5s = [](const std::filesystem::path& video) {
    const auto text = Workbench::frame_md5s(video);
    std::vector<std::string> lines;
    for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      if (text[begin] != '#') lines.push_back(text.substr(begin, end - begin));
    return lines;
  };
  const auto a = md5s(whole), b = md5s(late);
  ASSERT_EQ(a.size(), 12U);
  ASSERT_EQ(b.size(), 12U);
  for (std::size_t frame = 0; frame < 6; ++frame) EXPECT_EQ(a[frame], b[frame]) << frame;
  for (std::size_t frame = 6; frame < 12; ++frame) EXPECT_NE(a[frame], b[frame]) << frame;
}

TEST_F(Networks, WrongLesionsAreTold) {
  EXPECT_THAT(failure("{path: tiny.onnx, ablate: [{layer: rleu1, random: 0.5}]}", 78),
              HasSubstr("has no layer 'rleu1'; did you mean 'relu1'"));
  EXPECT_THAT(failure("{path: tiny.onnx, ablate: [{layer: relu1, channels: [6..8]}]}", 78),
              HasSubstr("layer 'relu1' has the channels 0 to 7, got 8"));
  write_file(bench_ / "deep.yaml", with_network("{path: tiny.onnx, ablate: [{layer: relu3, random: 0.5}]}"));
  const auto deep = bench_.dreamreel({"render", bench_ / "deep.yaml"});
  EXPECT_EQ(deep.exit_code, 0) << deep.err;
  EXPECT_THAT(deep.err, HasSubstr("layer 'relu3' is left alone"));
}

TEST_F(Networks, AWrongLayerGetsTheCardsRecommendations) {
  write_file(bench_ / "tiny.yaml",
             "name: tiny\nfile: tiny.onnx\nrecommended: {layers: [mixed1, relu3], looks: [fur]}\n");
  write_file(bench_ / "bad.yaml",
             "input: {path: clip.mkv}\noutput: {path: out.mkv}\nnetwork: tiny.onnx\n"
             "dream: {objectives: [{layer: mixde1}]}\n");
  for (const char* const command : {"check", "render"}) {
    const auto result = bench_.dreamreel({command, bench_ / "bad.yaml"});
    EXPECT_EQ(result.exit_code, 78) << result.err;
    EXPECT_THAT(result.err, testing::AllOf(HasSubstr("did you mean 'mixed1'"),
                                           HasSubstr("recommended layers: mixed1, relu3")));
  }
  const auto layers = bench_.dreamreel({"layers", bench_ / "tiny.onnx"});
  EXPECT_THAT(layers.out, testing::AllOf(HasSubstr("# recommended layers: mixed1, relu3"),
                                         HasSubstr("# recommended looks: fur")));
}

}  // namespace
}  // namespace dreamreel::test
