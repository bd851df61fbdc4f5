// Tests masks on real files. The source shows outside them, bit for bit, and the dream inside them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "support/onnx_model.h"
#include "support/scoped_environment.h"
#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::HasSubstr;

constexpr int kFrames = 12;

// One md5 for each frame of a part of the picture.
std::vector<std::string> part_of(const std::filesystem::path& video, const std::string& crop) {
  const auto text = run_process({"ffmpeg", "-loglevel", "error", "-i", video.string(), "-vf",
                                 "format=gbrp,crop=" + crop, "-f", "framemd5", "-"})
                        .out;
  std::vector<std::string> hashes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with('#')) hashes.push_back(line.substr(line.rfind(',') + 1));
  return hashes;
}

int frames_that_differ(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  EXPECT_EQ(a.size(), b.size());
  int count = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

class MaskedDream : public testing::Test {
 protected:
  MaskedDream() {
    // 8-bit R'G'B', so that frames come through unchanged. The left half is dark and red, the right half
    // bright and green.
    const std::string left = "[0]format=gbrp,lutrgb=r='60+val/4':g=0:b=0[l];";
    const std::string right = "[1]format=gbrp,lutrgb=r=40:g='180+val/4':b=40[r];";
    ffmpeg({"-f", "lavfi", "-i", "mandelbrot=size=32x48:rate=24", "-f", "lavfi", "-i",
            "mandelbrot=size=32x48:rate=24", "-filter_complex", left + right + "[l][r]hstack", "-frames:v",
            std::to_string(kFrames), "-c:v", "ffv1", "-pix_fmt", "bgr0", bench_ / "clip.mkv"});
    ffmpeg({"-f", "lavfi", "-i", "color=white:s=32x48,pad=64:48:0:0:black", "-frames:v", "1",
            bench_ / "left.png"});
  }

  ProcessResult render(const std::string& mask, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args{"render", bench_.job(),
                                  "--set",  "dream.mask=" + mask,
                                  "--set",  "output.video={codec: ffv1, pixel_format: bgr0}"};
    args.insert(args.end(), more.begin(), more.end());
    return bench_.dreamreel(args);
  }

  // The number of frames in which the half at `x` differs from the source.
  int dreamed(const std::string& x) const {
    const std::string crop = "32:48:" + x + ":0";
    return frames_that_differ(part_of(bench_ / "out.mkv", crop), part_of(bench_ / "clip.mkv", crop));
  }

  void expect_dream_on_the_left_alone(const std::string& mask) {
    const auto result = render(mask);
    ASSERT_EQ(result.exit_code, 0) << mask << result.err;
    EXPECT_EQ(dreamed("0"), kFrames) << mask;
    EXPECT_EQ(dreamed("32"), 0) << mask;
  }

  Workbench bench_;
};

TEST_F(MaskedDream, StaysInsideAFilesMask) {
  expect_dream_on_the_left_alone("{path: " + (bench_ / "left.png").string() + "}");
  ASSERT_EQ(render("{path: " + (bench_ / "left.png").string() + ", invert: true}").exit_code, 0);
  EXPECT_EQ(dreamed("0"), 0);
  EXPECT_EQ(dreamed("32"), kFrames);
}

TEST_F(MaskedDream, StaysInsideAKeyOfTheSource) {
  expect_dream_on_the_left_alone("{from: luma, range: [0, 0.3], softness: 0}");
  expect_dream_on_the_left_alone("{from: chroma, colour: '#00b140', tolerance: 0.25, invert: true}");
}

TEST_F(MaskedDream, StaysInsideTheSourcesAlpha) {
  const auto plain = bench_ / "clip.mkv";
  ffmpeg({"-i", plain, "-loop", "1", "-i", bench_ / "left.png", "-filter_complex",
          "[1]format=gray[a];[0]format=gbrp[c];[c][a]alphamerge,format=bgra", "-frames:v",
          std::to_string(kFrames), "-c:v", "ffv1", bench_ / "alpha.mkv"});
  const auto result = render("{from: alpha}", {"--set", "input.path=" + (bench_ / "alpha.mkv").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(dreamed("0"), kFrames);
  EXPECT_EQ(dreamed("32"), 0);
}

// Writes a network that sees red, in positions of 8 px, with its card.
std::string write_red_network(const std::filesystem::path& folder) {
  OnnxModel model;
  auto& pool = model.node("AveragePool", "blocks", {"picture"});
  set_ints(pool, "kernel_shape", {8, 8});
  set_ints(pool, "strides", {8, 8});
  model.weights("w", {2, 3, 1, 1}, {80, -40, -40, -80, 40, 40});
  model.weights("b", {2}, {-8, 8});
  model.node("Conv", "maps", {"blocks", "w", "b"});
  model.output("maps");
  write_file(folder / "red.yaml", "name: red\nfile: red.onnx\nlabels: red.txt\nclasses: [maps]\nside: 128\n");
  write_file(folder / "red.txt", "person\nother\n");
  return model.write(folder / "red.onnx").string();
}

TEST_F(MaskedDream, StaysInsideWhatANetworkSees) {
  const std::string network = write_red_network(bench_ / "");
  // Edges are soft. So the halves are compared without their border, and the range cuts off values near 0.
  const std::string sure = ", range: [0.5, 1], softness: 0.2, network: " + network + "}";
  const auto dreamed_in = [&](const std::string& x) {
    const std::string crop = "22:48:" + x + ":0";
    return frames_that_differ(part_of(bench_ / "out.mkv", crop), part_of(bench_ / "clip.mkv", crop));
  };
  for (const std::string what : {"from: person", "from: class, class: person, windows: 2"}) {
    const auto result = render("{" + what + sure);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(dreamed_in("0"), kFrames) << what;
    EXPECT_EQ(dreamed_in("42"), 0) << what;
  }
  ASSERT_EQ(render("{from: person, invert: true" + sure).exit_code, 0);
  EXPECT_EQ(dreamed_in("0"), 0);
  EXPECT_EQ(dreamed_in("42"), kFrames);
}

// If nothing is carried, a frame's dream depends on its mask alone.
TEST_F(MaskedDream, WhatANetworkSeesIsTheSameInAPart) {
  const std::string mask = "{from: person, network: " + write_red_network(bench_ / "") + "}";
  const std::vector<std::string> apart{"--set", "temporal={blend: 0, iterations: 3}"};
  ASSERT_EQ(render(mask, apart).exit_code, 0);
  auto whole = part_of(bench_ / "out.mkv", "64:48:0:0");
  ASSERT_EQ(render(mask, {apart[0], apart[1], "--frames", "10..12"}).exit_code, 0);
  EXPECT_EQ(part_of(bench_ / "out_10-12.mkv", "64:48:0:0"),
            std::vector<std::string>(whole.begin() + 10, whole.end()));
}

TEST_F(MaskedDream, ANetworkThatIsNotFetchedStopsBeforeAnythingIsRendered) {
  const ScopedEnvironment cache("XDG_CACHE_HOME", (bench_ / "empty").c_str());
  const ScopedEnvironment networks("DREAMREEL_NETWORKS", nullptr);
  for (const std::string command : {"check", "render"}) {
    const auto result = bench_.dreamreel({command, bench_.job(), "--set", "dream.mask={from: person}"});
    EXPECT_EQ(result.exit_code, 69);
    EXPECT_THAT(result.err, HasSubstr("selfie.onnx not found; fetch it with dreamreel fetch selfie"));
    EXPECT_THAT(bench_.files("out"), testing::IsEmpty());
  }
}

TEST_F(MaskedDream, FollowsAVideoThatGoesWithTheSource) {
  // White on the left for six frames, then on the right.
  ffmpeg({"-f", "lavfi", "-i", "color=white:s=32x48:r=24,pad=64:48:0:0:black", "-f", "lavfi", "-i",
          "color=white:s=32x48:r=24,pad=64:48:32:0:black", "-filter_complex",
          "[0]trim=end_frame=6[a];[1]trim=end_frame=6[b];[a][b]concat", "-c:v", "ffv1",
          bench_ / "moving.mkv"});
  const std::string mask = "{path: " + (bench_ / "moving.mkv").string() + "}";
  ASSERT_EQ(render(mask).exit_code, 0);
  EXPECT_EQ(dreamed("0"), 6);
  EXPECT_EQ(dreamed("32"), 6);
  // A part rendered alone has the masks of its own frames.
  ASSERT_EQ(render(mask, {"--frames", "6..12"}).exit_code, 0);
  const auto right = part_of(bench_ / "out_6-12.mkv", "32:48:32:0");
  const auto left = part_of(bench_ / "out_6-12.mkv", "32:48:0:0");
  const auto source = part_of(bench_ / "clip.mkv", "32:48:0:0");
  EXPECT_EQ(left, std::vector<std::string>(source.begin() + 6, source.end()));
  EXPECT_EQ(right.size(), 6U);
}

// Each half climbs a layer of its own. With only the left half's objective, the right half may change only at
// the border, where the layer's positions see it.
TEST_F(MaskedDream, AnObjectivesMaskSaysWhereItHolds) {
  const std::string left = "{path: " + (bench_ / "left.png").string() + "}";
  const auto result = bench_.dreamreel(
      {"render", bench_.job(), "--set", "dream.objectives=[{layer: mixed1, mask: " + left + "}]", "--set",
       "output.video={codec: ffv1, pixel_format: bgr0}", "--set", "dream={octaves: 1, jitter: 0}", "--set",
       "temporal={blend: 0, iterations: 3}"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(dreamed("0"), kFrames);
  EXPECT_EQ(frames_that_differ(part_of(bench_ / "out.mkv", "12:48:50:0"),
                               part_of(bench_ / "clip.mkv", "12:48:50:0")),
            0);
}

TEST_F(MaskedDream, AShortMaskHoldsAndWarnsOnce) {
  ffmpeg({"-f", "lavfi", "-i", "color=white:s=32x48:r=24,pad=64:48:0:0:black", "-frames:v", "3", "-c:v",
          "ffv1", bench_ / "short.mkv"});
  const auto result = render("{path: " + (bench_ / "short.mkv").string() + "}");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(dreamed("32"), 0);
  const auto first = result.err.find("ends after 3 frames");
  EXPECT_NE(first, std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("ends after", first + 1), std::string::npos);
}

TEST_F(MaskedDream, UnderneathTheDreamGoesOnUnlessItIsConfined) {
  const std::string mask = "{path: " + (bench_ / "left.png").string() + ", confine: false}";
  ASSERT_EQ(render(mask).exit_code, 0);
  EXPECT_EQ(dreamed("32"), 0);  // the dream does not show
}

TEST_F(MaskedDream, WrongMasksStopBeforeAnythingIsRendered) {
  auto result = render("{path: none.png}");
  EXPECT_EQ(result.exit_code, 66);
  EXPECT_THAT(result.err, HasSubstr("none.png: No such file"));
  result = render("{from: alpha}");
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_THAT(result.err, HasSubstr("needs a source with alpha"));
  result = bench_.dreamreel({"check", bench_.job(), "--set", "dream.mask={path: none.png}"});
  EXPECT_EQ(result.exit_code, 66);
  EXPECT_THAT(bench_.files("out"), testing::IsEmpty());
}

}  // namespace
}  // namespace dreamreel::test
