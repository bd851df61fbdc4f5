// Tests jobs that use every way of dreaming, with the real executable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "workbench.h"

namespace dreamreel::test {
namespace {

using testing::HasSubstr;

// Every kind of objective, and every key beside them. `fourier` and `adam` are here because they are not the
// defaults.
const std::string kEverything =
    "input: {path: clip.mkv}\n"
    "output: {path: out.mkv}\n"
    "network: {path: tiny.onnx, ablate: [{layer: relu1, random: 0.25, amount: {0s: 0.2, 0.5s: 1}}]}\n"
    "networks:\n"
    "  named: {path: third.onnx, labels: labels.txt, scale: 2, mean: [1, 1, 1], order: bgr,\n"
    "          ablate: [{layer: relu2a, channels: [0, 2..3]}, {layer: relu1, channels: [7], amount: "
    "\"n/12\"}]}\n"
    "precision: fp32\n"
    "dream:\n"
    "  octaves: {0s: 2, 0.5s: 1}\n"
    "  octave_scale: {0s: 1.3, 0.5s: 1.5}\n"
    "  iterations: {0s: 2, 0.5s: 3}\n"
    "  step: \"1.5+0.5*sin(t)\"\n"
    "  jitter: {0s: 6, 0.5s: 2}\n"
    "  opacity: {0s: 1, 0.5s: 0.8}\n"
    "  balance: true\n"
    "  mask: {from: luma, range: [{0s: 0.1, 0.5s: 0.3}, 1], softness: 0.2, feather: {0s: 1, 0.5s: 2}}\n"
    "  journey: {layers: [relu1, relu2b, mixed1], seconds_each: 0.2, crossfade: 0.1, loop: true}\n"
    "  objectives:\n"
    "    - {layer: mixed1, mask: {path: picture.png, feather: 2}}\n"
    "    - {layer: relu3, kind: logit, class: \"second thing\", network: named, mask: {from: chroma, colour: "
    "\"#00ff00\", tolerance: {0s: 0.2, 0.5s: 0.5}, softness: 0.1, invert: true}}\n"
    "    - {layer: mixed1, kind: mean, weight: {0s: 0, 0.2s: 1}}\n"
    "    - {layer: mixed1, kind: channels, channels: [3, 5..7]}\n"
    "    - {layer: mixed1, kind: neuron, channels: [2], at: [{0s: 0, 0.5s: 1}, 0.5]}\n"
    "    - {layer: relu3, kind: logit, class: 4, network: tiny.onnx}\n"
    "    - {layer: relu2a, kind: guide, image: picture.png, selectivity: {0s: 0, 0.5s: 2}}\n"
    "    - {layer: relu2a, kind: guide, images: [picture.png, other.png], match: mean, size: 48}\n"
    "    - {layer: relu1, kind: style, image: picture.png, network: second.onnx}\n"
    "    - {layer: relu2a, kind: content}\n"
    "    - {layer: relu2a, kind: content, image: picture.png, weight: 0.1}\n"
    "    - {layer: relu2b, kind: direction, vector: [1, 0, 0, 2, 0, 0, 0, 1]}\n"
    "    - {layer: mixed1, kind: diversity, weight: 0.1}\n"
    "  gradient: {laplacian: {0s: 2, 0.5s: 3}, smooth: {0s: 0, 0.5s: 1}, decorrelate: {0s: 0, 0.5s: 1}}\n"
    "  regularise: {total_variation: {0s: 0, 0.5s: 0.2}, beta: 2, grey: 0.1, blur: 0.5, blur_end: 0.2, "
    "blur_every: 2, clip: 0.1}\n"
    "  transforms: {scale: {0s: 0, 0.5s: 0.1}, rotate: {0s: 0, 0.5s: 8}}\n"
    "  optimizer: adam\n"
    "  parameterization: fourier\n";

class Objectives : public testing::Test {
 protected:
  Objectives() {
    bench_.clip();
    for (const char* name : {"picture.png", "other.png"})
      ffmpeg({"-f", "lavfi", "-i", "mandelbrot=size=80x60", "-frames:v", "1", bench_ / name});
    for (const char* name : {"second.onnx", "third.onnx"})
      std::filesystem::copy_file(bench_ / "tiny.onnx", bench_ / name);
    std::string labels;
    for (int i = 0; i < 16; ++i)
      labels += i == 5 ? "n01234567 second thing, alias\n" : "thing " + std::to_string(i) + "\n";
    write_file(bench_ / "labels.txt", labels);
  }

  std::string job(const std::string& yaml) const {
    write_file(bench_ / "all.yaml", yaml);
    return bench_ / "all.yaml";
  }

  // The message for a job that must be refused before anything is rendered.
  std::string refusal(const std::string& objective, int exit_code) const {
    const auto result =
        bench_.dreamreel({"render", bench_.job(), "--set", "dream.objectives=[" + objective + "]"});
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_THAT(bench_.files("out"), testing::IsEmpty());
    return result.err;
  }

  Workbench bench_;
};

TEST_F(Objectives, AJobWithEveryKeyIsCheckedRenderedAndEmbedded) {
  const auto path = job(kEverything);
  const auto check = bench_.dreamreel({"check", path});
  ASSERT_EQ(check.exit_code, 0) << check.err;
  EXPECT_THAT(check.out, HasSubstr("ablate:"));
  for (const char* kind : {"energy", "mean", "channels", "neuron", "logit", "guide", "style", "content",
                           "direction", "diversity"})
    EXPECT_THAT(check.out, HasSubstr(std::string("kind: ") + kind));
  const auto render = bench_.dreamreel({"render", path, "--frames", "0..4"});
  ASSERT_EQ(render.exit_code, 0) << render.err;
  const auto info = bench_.dreamreel({"info", bench_ / "out_0-4.mkv"});
  ASSERT_EQ(info.exit_code, 0) << info.err;
  write_file(bench_ / "again.yaml", info.out);
  const auto again =
      bench_.dreamreel({"render", bench_ / "again.yaml", "--frames", "0..4", "-o", bench_ / "b.mkv"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(bench_.frame_md5s(bench_ / "out_0-4.mkv"), bench_.frame_md5s(bench_ / "b_0-4.mkv"));
}

TEST_F(Objectives, AClassByNameIsTheOneOfTheLabelFile) {
  const auto render = [&](const std::string& said, const std::string& name) {
    const auto result = bench_.dreamreel(
        {"render", bench_.job(), "--set", "network.labels=" + (bench_ / "labels.txt").string(), "--set",
         "dream.objectives=[{layer: relu3, kind: logit, class: " + said + "}]", "-o", bench_ / name});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Workbench::frame_md5s(bench_ / name);
  };
  const auto by_name = render("Second_Thing", "a.mkv");
  EXPECT_EQ(by_name, render("5", "b.mkv"));
  EXPECT_NE(by_name, render("thing 6", "c.mkv"));
  const auto unknown =
      bench_.dreamreel({"render", bench_.job(), "--set", "network.labels=" + (bench_ / "labels.txt").string(),
                        "--set", "dream.objectives=[{layer: relu3, kind: logit, class: sekond thing}]"});
  EXPECT_EQ(unknown.exit_code, 78);
  EXPECT_THAT(unknown.err, testing::AllOf(HasSubstr("dream.objectives.0.class: "),
                                          HasSubstr("did you mean 'second thing'")));
  EXPECT_THAT(refusal("{layer: relu3, kind: logit, class: thing}", 78), HasSubstr("has no label file"));
}

TEST_F(Objectives, WhatDoesNotFitIsSaidBeforeRendering) {
  EXPECT_THAT(refusal("{layer: relu4, kind: mean}", 78), HasSubstr("relu3"));
  EXPECT_THAT(refusal("{layer: mixed2, kind: guide, image: " + (bench_ / "picture.png").string() + "}", 78),
              HasSubstr("mixed1"));
  EXPECT_THAT(refusal("{layer: mixed1, kind: channels, channels: [3, 16]}", 78),
              HasSubstr("dream.objectives.0.channels: layer mixed1 has 16 channels, 0 to 15; got 16"));
  EXPECT_THAT(refusal("{layer: relu3, kind: logit, class: 900}", 78),
              HasSubstr("dream.objectives.0.class: layer relu3 has 16 channels, 0 to 15; got 900"));
  EXPECT_THAT(refusal("{layer: mixed1, kind: direction, vector: [1, 2]}", 78),
              HasSubstr("expected 16 numbers"));
  EXPECT_THAT(refusal("{layer: mixed1, kind: style, image: " + (bench_ / "none.png").string() + "}", 66),
              HasSubstr("none.png"));
}

TEST_F(Objectives, AFourierDreamOutOfNoise) {
  write_file(
      bench_ / "noise.yaml",
      "input: {noise: {size: 64x48, fps: 12, duration: 0.5s}}\n"
      "output: {path: noise.mkv, video: {codec: ffv1}}\n"
      "network: {path: tiny.onnx}\n"
      "dream: {objectives: [{layer: relu3, kind: channels, channels: [4]}], octaves: 1, iterations: 5,\n"
      "        optimizer: adam, parameterization: fourier, transforms: {scale: 0.1, rotate: 10}}\n");
  const auto result = bench_.dreamreel({"render", bench_ / "noise.yaml"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::ranges::count(bench_.probe(bench_ / "noise.mkv", "packet=pts"), '\n'), 6);
}

}  // namespace
}  // namespace dreamreel::test
