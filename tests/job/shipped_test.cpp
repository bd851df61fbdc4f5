// Tests the jobs of an installed program: the places of their outputs, and the message about missing samples.
#include "shipped.h"

#include <gtest/gtest.h>

#include "job_files.h"
#include "load.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;

class Shipped : public testing::Test {
 protected:
  Shipped() {
    folder_.write("share/configs/looks/giants.yaml",
                  "input: {path: ../../samples/vtest.avi}\noutput: {path: ../../out/giants.mp4}\n");
  }

  // The paths of output and input after settle_shipped(). Throws problems.
  std::pair<std::string, std::string> settled(const std::string& name,
                                              const std::vector<std::string>& overrides = {}) const {
    Problems problems;
    LoadOptions options;
    options.overrides = overrides;
    Value root = load_tree(folder_.path(name), options, {}, problems);
    settle_shipped(root, folder_.path("share"), problems);
    problems.throw_if_any();
    return {root.find("output")->find("path")->text, root.find("input")->find("path")->text};
  }

  std::string refusal(const std::string& name) const {
    try {
      settled(name);
    } catch (const JobError& error) {
      return folder_.without_folder(error.what());
    }
    return "";
  }

  const test::JobFolder folder_;
};

TEST_F(Shipped, OutputGoesBelowTheCurrentFolder) {
  folder_.write("share/samples/vtest.avi", "");
  EXPECT_EQ(settled("share/configs/looks/giants.yaml").first,
            (fs::current_path() / "out/giants.mp4").string());
}

TEST_F(Shipped, SoDoSeveralOutputs) {
  folder_.write("share/samples/vtest.avi", "");
  folder_.write("share/configs/several.yaml",
                "input: {path: ../samples/vtest.avi}\noutputs: [{path: ../out/a.mp4}, {path: /b.gif}]\n");
  Problems problems;
  Value root = load_tree(folder_.path("share/configs/several.yaml"), {}, {}, problems);
  settle_shipped(root, folder_.path("share"), problems);
  const auto& items = root.find("outputs")->items;
  EXPECT_EQ(items[0].find("path")->text, (fs::current_path() / "out/a.mp4").string());
  EXPECT_EQ(items[1].find("path")->text, "/b.gif") << "this one does not lie in the program's folder";
}

TEST_F(Shipped, MissingSampleIsToldWithWhatToDo) {
  const std::string expected =
      "share/configs/looks/giants.yaml:1: input.path: the sample of this job is not installed: name your "
      "picture "
      "or clip, such as --set input.path=FILE";
  EXPECT_EQ(refusal("share/configs/looks/giants.yaml"), expected);
  folder_.write("mine.yaml", "extends: share/configs/looks/giants.yaml\n");
  EXPECT_EQ(refusal("mine.yaml"), expected);
}

TEST_F(Shipped, WhatThePersonSaysStays) {
  folder_.write(
      "mine.yaml",
      "extends: share/configs/looks/giants.yaml\ninput: {path: a.mp4}\noutput: {path: share/b.mp4}\n");
  EXPECT_EQ(settled("mine.yaml"), std::pair(std::string("share/b.mp4"), std::string("a.mp4")));
  const std::string inside = folder_.path("share/c.mp4").string();
  EXPECT_EQ(settled("share/configs/looks/giants.yaml", {"input.path=a.mp4", "output.path=" + inside}).first,
            inside);
}

TEST_F(Shipped, WithoutAnInstalledProgramNothingChanges) {
  Problems problems;
  Value root = load_tree(folder_.path("share/configs/looks/giants.yaml"), {}, {}, problems);
  settle_shipped(root, "", problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(root.find("output")->find("path")->text, "../../out/giants.mp4");
}

}  // namespace
}  // namespace dreamreel::job
