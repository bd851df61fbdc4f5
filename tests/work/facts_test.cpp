#include "dreamreel/work/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/files.h"

namespace dreamreel::work {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A job whose files are all in one folder. Facts do not depend on the contents of its text files.
class Files {
 public:
  explicit Files(const std::string& mask = "a mask") {
    write("net.onnx", "a network");
    write("one.png", "a guide");
    write("mask.png", mask);
    write("song.flac", "a song");
    write("job.yaml",
          "input: {noise: {size: 16x16}, audio: song.flac}\n"
          "output: {path: out.mkv}\n"
          "network: {path: net.onnx}\n"
          "dream: {objectives: [{layer: a, kind: guide, image: one.png}], mask: {path: mask.png}}\n");
  }

  void write(const std::string& name, const std::string& text) const {
    dreamreel::test::write_file(folder_ / name, text);
  }

  schedule::Facts facts() const { return facts_of(job("job.yaml"), {}); }
  job::Job job(const std::string& name) const { return job::load_job(folder_ / name, {}); }

 private:
  dreamreel::test::ScratchDir folder_;
};

TEST(Facts, AreTheSameWhereverTheFilesAre) {
  EXPECT_THAT(Files().facts().differences(Files().facts()), IsEmpty());
}

TEST(Facts, NameEachFileWhoseContentIsAnother) {
  const Files files("another mask");
  files.write("song.flac", "another song");
  EXPECT_THAT(
      Files().facts().differences(files.facts()),
      ElementsAre("the content of the file of dream.mask.path", "the content of the file of input.audio"));
}

// The text of a job names all files of networks alike, so facts have to tell them apart.
TEST(Facts, TellWhichObjectiveHasWhichNetwork) {
  const Files files;
  files.write("a.onnx", "one network");
  files.write("b.onnx", "another network");
  const auto facts_of_three = [&](const std::string& third) {
    files.write("three.yaml",
                "input: {noise: {size: 16x16}}\noutput: {path: out.mkv}\nnetwork: {path: a.onnx}\n"
                "networks: {a: {path: a.onnx}, b: {path: b.onnx}, c: {path: " +
                    third +
                    "}}\ndream: {objectives: [{layer: x, network: a}, {layer: x, network: b}, "
                    "{layer: x, network: c}]}\n");
    return facts_of(files.job("three.yaml"), {});
  };
  EXPECT_THAT(facts_of_three("a.onnx").differences(facts_of_three("a.onnx")), IsEmpty());
  EXPECT_THAT(facts_of_three("a.onnx").differences(facts_of_three("b.onnx")), testing::SizeIs(1));
}

// The job only names a card, so facts have to contain the card's settings.
TEST(Facts, TellWhatACardSaysOfANetwork) {
  const Files files;
  auto job = files.job("job.yaml");
  const auto facts = facts_of(job, {});
  job.network.side = 416;
  EXPECT_THAT(facts.differences(facts_of(job, {})), testing::SizeIs(1));
}

}  // namespace
}  // namespace dreamreel::work
