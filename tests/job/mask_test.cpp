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

TEST(Mask, IsTheMotionOfTheSource) {
  const Mask mask = mask_of("from: motion");
  EXPECT_EQ(mask.from, Mask::From::motion);
  EXPECT_TRUE(mask.has_range);
  EXPECT_EQ(mask.low, Curve(0.04));
  EXPECT_EQ(mask.high, Curve(1));
  EXPECT_EQ(mask.softness, Curve(0.02));
  EXPECT_FALSE(mask.relative);
  const Mask fast = mask_of("from: motion, range: [0.2, 0.5], softness: 0, relative: true");
  EXPECT_EQ(fast.low, Curve(0.2));
  EXPECT_EQ(fast.softness, Curve(0));
  EXPECT_TRUE(fast.relative);
  EXPECT_THAT(errors_of("from: luma, range: [0, 1], relative: true"),
              testing::HasSubstr("relative: expected only with from: motion"));
  const JobFolder folder;
  EXPECT_THAT(folder.errors_of("network: net\ninput: {path: in.png, duration: 2s}\noutput: {path: out.mp4}\n"
                               "dream: {objectives: [{layer: a, mask: {from: motion}}]}\n"),
              testing::HasSubstr("dream.objectives.0.mask.from: expected another mask than motion"));
}

// A folder with the cards of two networks that know only persons, of a detector, and of a network without
// classes.
struct FolderWithPeople : JobFolder {
  FolderWithPeople() {
    write("cards/selfie.yaml", "name: selfie\nfile: s.onnx\nlabels: person.txt\nclasses: [out]\nside: 256\n");
    write("cards/meet.yaml", "name: meet\nfile: m.onnx\nlabels: both.txt\nclasses: [out]\n");
    write("cards/zoo.yaml", "name: zoo\nfile: z.onnx\nlabels: zoo.txt\nclasses: [maps]\n");
    write("cards/person.txt", "person\n");
    write("cards/both.txt", "background\nperson\n");
    write("cards/zoo.txt", "dog\nperson\n");
  }
  Mask mask(const std::string& keys, const std::string& more = "") const {
    return load_text(with_dream("mask: {" + keys + "}") + more).dream.mask.value();
  }
};

TEST(Mask, OfAPersonFindsItsNetwork) {
  const FolderWithPeople folder;
  const Mask first = folder.mask("from: person, windows: 3");
  EXPECT_EQ(first.from, Mask::From::person);
  EXPECT_EQ(first.network.value().name, "selfie") << "neither is fetched";
  EXPECT_EQ(first.network->side, 256);
  EXPECT_EQ(first.class_name, "person");
  EXPECT_EQ(first.windows, 3);
  EXPECT_FALSE(first.has_range);
  folder.write("networks/m.onnx", "");
  EXPECT_EQ(folder.mask("from: person").network->name, "meet") << "the one that is fetched";
  folder.write("networks/s.onnx", "");
  EXPECT_EQ(folder.mask("from: person").network->name, "selfie");
  EXPECT_EQ(folder.mask("from: person", "networks: {mine: meet, zoo: zoo}\n").network->alias, "mine")
      << "the job's own";
  EXPECT_EQ(folder.mask("from: person, network: zoo").network->name, "zoo");
}

TEST(Mask, OfAClassFindsItsNetwork) {
  const FolderWithPeople folder;
  const Mask mask = folder.mask("from: class, class: dog", "networks: {animals: zoo}\n");
  EXPECT_EQ(mask.from, Mask::From::class_map);
  EXPECT_EQ(mask.network.value().alias, "animals");
  EXPECT_EQ(mask.class_name, "dog");
  EXPECT_TRUE(mask.has_range) << "a hill around the middle is cut off by itself";
  EXPECT_EQ(mask.low.max(), 0.3);
  const Mask numbered = folder.mask("from: class, class: 1, network: zoo, range: [0.5, 1], softness: 0");
  EXPECT_EQ(numbered.class_index, 1);
  EXPECT_EQ(numbered.low.max(), 0.5);
  EXPECT_EQ(numbered.softness.max(), 0);
}

TEST(Mask, OfANetworkReadsBackToTheSame) {
  const FolderWithPeople folder;
  for (const char* const keys : {"from: person", "from: person, range: [0.4, 1], invert: true",
                                 "from: class, class: dog, network: zoo",
                                 "from: class, class: 1, network: animals, windows: 2, feather: 4"}) {
    const std::string networks = "networks: {animals: zoo}\n";
    const Job job = folder.load_text(with_dream(std::string("mask: {") + keys + "}") + networks);
    folder.write("again.yaml", to_yaml(job));
    EXPECT_EQ(folder.load("again.yaml").dream, job.dream) << to_yaml(job);
  }
}

TEST(Mask, OfANetworkSaysWhatIsMissing) {
  const FolderWithPeople folder;
  const auto errors_of_mask = [&](const std::string& keys) {
    return folder.errors_of(with_dream("mask: {" + keys + "}"));
  };
  EXPECT_EQ(errors_of_mask("from: class, class: dog"),
            "job.yaml:4: dream.mask.class: no network of the job knows 'dog'; say which shall see it: "
            "network: zoo");
  EXPECT_EQ(errors_of_mask("from: class, class: dgo"),
            "job.yaml:4: dream.mask.class: no card knows a class called 'dgo'; did you mean 'dog'?");
  EXPECT_EQ(errors_of_mask("from: class"),
            "job.yaml:4: dream.mask: expected a class for from: class, such as class: dog");
  EXPECT_EQ(errors_of_mask("from: person, network: net"),
            "job.yaml:4: dream.mask.network: the card of network net names no layer of classes; the cards "
            "that do are meet, selfie, zoo");
  EXPECT_EQ(errors_of_mask("from: person, windows: 9"),
            "job.yaml:4: dream.mask.windows: expected a whole number from 1 to 8, got 9");
  EXPECT_EQ(errors_of_mask("from: luma, range: [0, 1], class: dog, network: zoo, windows: 2"),
            "job.yaml:4: dream.mask.class: expected only with from: class; take it out\n"
            "job.yaml:4: dream.mask.network: expected only with from: person or from: class; take it out\n"
            "job.yaml:4: dream.mask.windows: expected only with from: person or from: class; take it out");
  EXPECT_EQ(errors_of_mask("from: person, softness: 0.1"),
            "job.yaml:4: dream.mask.softness: expected only with from: luma, chroma, motion or class, or "
            "with a range; take it out");
  const JobFolder bare;
  EXPECT_EQ(bare.errors_of(with_dream("mask: {from: person}")),
            "job.yaml:4: dream.mask.network: missing; there is no card selfie or meet: name a network that "
            "knows persons");
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
  EXPECT_EQ(
      errors_of("invert: true"),
      "job.yaml:4: dream.mask: expected either a path or from: alpha, luma, chroma, motion, person or class, "
      "got neither");
  EXPECT_EQ(
      errors_of("path: m.png, from: alpha"),
      "job.yaml:4: dream.mask: expected either a path or from: alpha, luma, chroma, motion, person or class, "
      "got both");
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
