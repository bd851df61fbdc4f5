#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::with_dream;

Mask mask_of(const std::string& keys) {
  const JobFolder folder;
  return folder.load_text(with_dream("mask: {" + keys + "}")).dream.mask.value();
}

std::string errors_of(const std::string& keys) {
  const JobFolder folder;
  return folder.errors_of(with_dream("mask: {" + keys + "}"));
}

TEST(Mask, IsAFile) {
  const JobFolder folder;
  const Job job = folder.load_text(with_dream(
      "mask: {path: masks/%04d.png, channel: alpha, start: 12f, invert: true, feather: {0s: 0, 1s: 20}, "
      "confine: false}"));
  const Mask& mask = job.dream.mask.value();
  EXPECT_EQ(mask.from, Mask::From::file);
  EXPECT_EQ(mask.path, folder.path("masks/%04d.png"));
  EXPECT_EQ(mask.channel, Mask::Channel::alpha);
  EXPECT_EQ(mask.start, (TimePoint{12, TimePoint::Unit::frames}));
  EXPECT_TRUE(mask.invert);
  EXPECT_EQ(mask.feather.at({0.5, 24}), 10);
  EXPECT_FALSE(mask.confine);
}

TEST(Mask, IsAKeyOfTheSource) {
  const Mask luma = mask_of("from: luma, range: [0.2, {0s: 0.6, 2s: 1}], softness: 0");
  EXPECT_EQ(luma.from, Mask::From::luma);
  EXPECT_EQ(luma.low.max(), 0.2);
  EXPECT_EQ(luma.high.max(), 1);
  EXPECT_EQ(luma.softness.max(), 0);
  const Mask chroma = mask_of("from: chroma, colour: '#00B140', tolerance: 0.2");
  EXPECT_EQ(chroma.colour, (std::array{0.0, 177 / 255.0, 64 / 255.0}));
  EXPECT_EQ(chroma.tolerance.max(), 0.2);
  EXPECT_EQ(mask_of("from: alpha").from, Mask::From::alpha);
}

TEST(Mask, OfAnObjectiveIsItsOwn) {
  const JobFolder folder;
  const Job job = folder.load_text(
      "network: net\ninput: {path: in.mp4}\noutput: {path: out.mp4}\ndream:\n  objectives:\n"
      "    - {layer: a, mask: {from: luma, range: [0.5, 1]}}\n    - {layer: b}\n");
  EXPECT_EQ(job.dream.objectives[0].mask.value().from, Mask::From::luma);
  EXPECT_FALSE(job.dream.objectives[1].mask);
  EXPECT_FALSE(job.dream.mask);
}

TEST(Mask, TheResolvedJobReadsBackToTheSame) {
  const JobFolder folder;
  for (const std::string keys :
       {"path: m.png, start: 2s", "from: alpha, invert: true",
        "from: luma, range: [0.25, {0s: 1, 1s: 0.5}], feather: 3",
        "from: chroma, colour: '#12abef', softness: {0s: 0, 1s: 0.1}, confine: false"}) {
    const Job job = folder.load_text(with_dream("mask: {" + keys + "}"));
    Job again = folder.load_text(to_yaml(job));
    again.file = job.file;
    EXPECT_EQ(again, job) << to_yaml(job);
  }
}

TEST(Mask, SaysWhatIsWrong) {
  EXPECT_EQ(errors_of("invert: true"),
            "job.yaml:4: dream.mask: expected either a path or from: alpha, luma or chroma, got neither");
  EXPECT_EQ(errors_of("path: m.png, from: alpha"),
            "job.yaml:4: dream.mask: expected either a path or from: alpha, luma or chroma, got both");
  EXPECT_EQ(errors_of("from: luma"),
            "job.yaml:4: dream.mask: expected a range for from: luma, such as range: [0.5, 1]");
  EXPECT_EQ(errors_of("from: luma, range: [0.6, 0.2]"),
            "job.yaml:4: dream.mask.range: expected a low of at most the high, got [0.6, 0.2]");
  EXPECT_EQ(errors_of("from: chroma"),
            "job.yaml:4: dream.mask: expected a colour for from: chroma, such as colour: \"#00b140\"");
  EXPECT_EQ(errors_of("from: chroma, colour: green"),
            "job.yaml:4: dream.mask.colour: expected a colour such as \"#00b140\", got 'green'");
  EXPECT_EQ(errors_of("path: m.png, tolerance: 0.1"),
            "job.yaml:4: dream.mask.tolerance: expected only with from: chroma; take it out");
  EXPECT_EQ(errors_of("from: alpha, channel: luma"),
            "job.yaml:4: dream.mask.channel: expected only with a path; take it out");
  EXPECT_THAT(errors_of("from: lume, range: [0, 1]"), testing::HasSubstr("did you mean 'luma'?"));
}

TEST(Mask, OfNoiseHasToBeAFile) {
  const JobFolder folder;
  const std::string head = "network: net\ninput: {noise: {}}\noutput: {path: out.mp4}\n";
  EXPECT_EQ(
      folder.errors_of(head + "dream: {objectives: [{layer: a, mask: {from: alpha}}]}\n"),
      "job.yaml:4: dream.objectives.0.mask.from: expected a mask with a path: input.noise has no picture to "
      "make one from");
  EXPECT_EQ(folder.errors_of(head + "dream: {objectives: [{layer: a}], mask: {path: m.png}}\n"), "");
}

}  // namespace
}  // namespace dreamreel::job
