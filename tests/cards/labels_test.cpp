#include "dreamreel/cards/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dreamreel/cards/find_network.h"
#include "dreamreel/core/error.h"
#include "support/card_folder.h"

namespace dreamreel::cards {
namespace {

using dreamreel::test::CardFolder;
using testing::HasSubstr;

class Labels : public testing::Test {
 protected:
  Labels() {
    folder_.write("cards/classic.yaml", "name: classic\nfile: classic.onnx\nlabels: classes.txt\n");
    folder_.write("networks/classes.txt",
                  "n01440764 tench, Tinca tinca\r\nn02012849 crane\nn02790996 barbell\nn03126707 crane\n"
                  "great white shark, man-eater\n\n");
    network_ = find_network("classic", folder_.folders);
  }

  template <typename Failure>
  std::string message(const std::string& name) const {
    try {
      find_class(network_, name);
    } catch (const Failure& error) {
      return folder_.without_folder(error.what());
    }
    return "";
  }

  CardFolder folder_;
  NetworkRef network_;
};

TEST_F(Labels, AreReadWithSynsetsAndSeveralNames) {
  EXPECT_EQ(network_.labels, folder_.path("networks/classes.txt"));
  const auto labels = read_labels(network_.labels);
  ASSERT_EQ(labels.size(), 5U);
  EXPECT_EQ(labels[0], (Label{"n01440764", {"tench", "Tinca tinca"}}));
  EXPECT_EQ(labels[4], (Label{"", {"great white shark", "man-eater"}}));
}

TEST_F(Labels, AClassIsFoundByAnyOfItsNames) {
  EXPECT_EQ(find_class(network_, "barbell"), 2);
  EXPECT_EQ(find_class(network_, "tinca tinca"), 0);
  EXPECT_EQ(find_class(network_, "Great_white_shark"), 4);
  EXPECT_EQ(find_class(network_, "n03126707"), 3);
}

TEST_F(Labels, WhatIsWrongIsTold) {
  EXPECT_EQ(message<JobError>("barbel"),
            "network classic: no class is called 'barbel' in networks/classes.txt; did you mean 'barbell'?");
  EXPECT_EQ(message<JobError>("crane"),
            "network classic: several classes are called 'crane'; give one by its index: 1, 3");
  folder_.write("networks/classes.txt", "a\n\nb\n");
  EXPECT_EQ(message<InputError>("a"),
            "networks/classes.txt:2: expected a class on every line, got an empty line");
  folder_.write("networks/classes.txt", "\n");
  EXPECT_THAT(message<InputError>("a"), HasSubstr("it is empty"));
  std::filesystem::remove(folder_.path("networks/classes.txt"));
  EXPECT_EQ(message<UnavailableError>("a"),
            "label file networks/classes.txt not found; make it with dreamreel fetch classic or give the "
            "class by its index");
  network_ = find_network("net", folder_.folders);
  EXPECT_EQ(
      message<JobError>("a"),
      "network net has no label file: give the class 'a' by its index, or name the file in the card (labels: "
      "...)");
}

TEST_F(Labels, RecommendationsAreLayersAndLooks) {
  folder_.write("cards/rich.yaml",
                "name: rich\nfile: a.onnx\nrecommended: {layers: [a/b, c], looks: [shards, fur]}\n");
  const auto rich = find_network("rich", folder_.folders);
  EXPECT_THAT(rich.recommended_layers, testing::ElementsAre("a/b", "c"));
  EXPECT_THAT(rich.recommended_looks, testing::ElementsAre("shards", "fur"));
}

}  // namespace
}  // namespace dreamreel::cards
