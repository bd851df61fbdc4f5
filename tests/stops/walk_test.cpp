// Makes every operation on a file of a render fail once, and then continues the render.
//
// Trying all points takes minutes; DREAMREEL_ALL_STOPS=1 asks for it. Otherwise a share of the points is
// tried: every sync, link, new folder and rename outside the stored frames, and some of the many others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "dreamreel/core/error.h"
#include "scene.h"

namespace dreamreel::test {
namespace {

using Tree = std::vector<std::pair<std::string, std::string>>;

bool walks_all() {
  const char* const all = std::getenv("DREAMREEL_ALL_STOPS");
  return all != nullptr && *all == '1';
}

std::string describe(const Outcome& outcome) {
  return "exit code " + std::to_string(outcome.exit_code) + ": " + outcome.message + "\n" + outcome.log;
}

// Every file that has its final name outside the work folder must be whole.
void expect_nothing_unfinished(const Tree& found, const Tree& whole) {
  const std::map<std::string, std::string> expected(whole.begin(), whole.end());
  for (const auto& [name, content] : found) {
    const bool is_work = name.find(".work/") != std::string::npos || name.find(".part") != std::string::npos;
    if (is_work) continue;
    ASSERT_TRUE(expected.contains(name)) << name << " is left";
    EXPECT_TRUE(content == expected.at(name)) << name << " is not whole";
  }
}

class Walk : public testing::TestWithParam<Scene::Kind> {
 protected:
  void SetUp() override {
    const auto golden = in_child(scene_.plan(Fault::none), scene_.body());
    ASSERT_EQ(golden.exit_code, 0) << describe(golden);
    operations_ = golden.operations;
    whole_ = tree(scene_.folder());
  }

  // The numbers of the operations at which a fault is tried.
  std::vector<std::int64_t> points() const {
    const std::size_t every = GetParam() == Scene::Kind::whole ? 10 : 30;
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const auto& what = operations_[i];
      // Frames and pictures are all alike, so only some of their operations are tried.
      const bool is_one_of_many =
          what.find("/frames/") != std::string::npos ||
          (GetParam() == Scene::Kind::pictures && what.find(".work") == std::string::npos);
      const bool always = !is_one_of_many && (what.starts_with("sync") || what.starts_with("link") ||
                                              what.starts_with("mkdir") || what.starts_with("rename"));
      if (walks_all() || always || i % every == 0) numbers.push_back(static_cast<std::int64_t>(i));
    }
    return numbers;
  }

  void expect_going_on(const std::string& where) {
    const auto outcome = in_child(scene_.plan(Fault::none), scene_.body());
    ASSERT_EQ(outcome.exit_code, 0) << where << "\n" << describe(outcome);
    const auto found = tree(scene_.folder());
    ASSERT_TRUE(found == whole_) << where << "\n" << difference(found);
  }

  std::string difference(const Tree& found) const {
    std::string text;
    const std::map<std::string, std::string> expected(whole_.begin(), whole_.end());
    const std::map<std::string, std::string> there(found.begin(), found.end());
    for (const auto& [name, content] : expected)
      if (!there.contains(name) || there.at(name) != content) text += "lacks or differs: " + name + "\n";
    for (const auto& [name, content] : there)
      if (!expected.contains(name)) text += "too much: " + name + "\n";
    return text;
  }

  void report(const char* fault, std::size_t count) const {
    std::fprintf(stderr, "%s, %s: %zu of %zu points\n", name_of(GetParam()).c_str(), fault, count,
                 operations_.size());
  }

  void walk_power(PowerCut kind, const char* name);
  void walk_errors(int error, bool goes_on);

  Scene scene_{GetParam()};
  Operations operations_;
  Tree whole_;
};

std::string at(const Operations& operations, std::int64_t number) {
  return "at " + std::to_string(number) + ", " + operations[static_cast<std::size_t>(number)];
}

TEST_P(Walk, AProcessThatDies) {
  const auto numbers = points();
  for (const auto number : numbers) {
    scene_.clear();
    const auto outcome = in_child(scene_.plan(Fault::stop, number), scene_.body());
    ASSERT_EQ(outcome.exit_code, kStopped) << at(operations_, number) << "\n" << describe(outcome);
    expect_nothing_unfinished(tree(scene_.folder()), whole_);
    expect_going_on(at(operations_, number));
    if (HasFailure()) return;
  }
  report("dies", numbers.size());
}

// Failing to tidy up is allowed. A file system may also lack locks, and syncs of folders.
bool may_fail(const std::string& what, int error) {
  return what.starts_with("unlink") || what.starts_with("rmdir") ||
         (error == EROFS && what.starts_with("sync"));
}

void Walk::walk_power(PowerCut kind, const char* name) {
  const auto numbers = points();
  for (const auto number : numbers) {
    scene_.clear();
    const auto plan = scene_.plan(Fault::power_cut, number);
    const auto outcome = in_child(plan, scene_.body());
    ASSERT_EQ(outcome.exit_code, kStopped) << at(operations_, number) << "\n" << describe(outcome);
    cut_power(plan, kind);
    expect_nothing_unfinished(tree(scene_.folder()), whole_);
    expect_going_on(at(operations_, number));
    if (HasFailure()) return;
  }
  report(name, numbers.size());
}

TEST_P(Walk, APowerCutThatUndoesWhatWasNotSynced) {
  walk_power(PowerCut::undone, "power cut, undone");
}
TEST_P(Walk, APowerCutThatTearsWhatWasNotSynced) {
  walk_power(PowerCut::torn, "power cut, torn");
}

// After the end, nothing may be lost any more.
TEST_P(Walk, WhatIsDoneStaysDone) {
  for (const auto kind : {PowerCut::undone, PowerCut::torn}) {
    scene_.clear();
    const auto plan = scene_.plan(Fault::power_cut, static_cast<std::int64_t>(operations_.size()) + 1000);
    ASSERT_EQ(in_child(plan, scene_.body()).exit_code, 0);
    cut_power(plan, kind);
    const auto found = tree(scene_.folder());
    for (const auto& entry : whole_) EXPECT_THAT(found, testing::Contains(entry)) << entry.first;
  }
}

// An error must be reported with its file, as exit code 74, or must not change the result.
void Walk::walk_errors(int error, bool goes_on) {
  const auto numbers = points();
  for (const auto number : numbers) {
    scene_.clear();
    auto plan = scene_.plan(Fault::fail, number, error);
    plan.goes_on = goes_on;
    const auto outcome = in_child(plan, scene_.body());
    // Threads may take turns in another order, so this run's own list tells which operation failed.
    ASSERT_LT(static_cast<std::size_t>(number), outcome.operations.size()) << describe(outcome);
    const std::string what = outcome.operations[static_cast<std::size_t>(number)];
    const bool is_read = what.starts_with("read");
    const std::string where = at(outcome.operations, number) + "\n" + describe(outcome);
    if (outcome.exit_code == 0) {
      EXPECT_TRUE(is_read || may_fail(what, error)) << where;
    } else if (!is_read) {
      EXPECT_EQ(outcome.exit_code, static_cast<int>(ExitCode::io)) << where;
    } else {
      EXPECT_THAT(outcome.exit_code, testing::AnyOf(65, 66, 74)) << where;
    }
    if (outcome.exit_code == 74) {
      EXPECT_THAT(outcome.message, testing::HasSubstr(std::strerror(error))) << where;
      EXPECT_THAT(outcome.message, testing::HasSubstr(scene_.folder().string())) << where;
    }
    expect_nothing_unfinished(tree(scene_.folder()), whole_);
    expect_going_on(where);
    if (HasFailure()) return;
  }
  report(std::strerror(error), numbers.size());
}

TEST_P(Walk, ADiskThatIsFull) {
  walk_errors(ENOSPC, true);
}
TEST_P(Walk, ADiskThatFailsOnce) {
  walk_errors(EIO, false);
}
TEST_P(Walk, ADiskThatBecomesReadOnly) {
  walk_errors(EROFS, true);
}

// The continued render decodes the source again, from a frame after the seam.
TEST(Joined, RecordingWhoseClockBeginsAnewGoesOnOverTheSeam) {
  const Scene scene(Scene::Kind::joined);
  const auto golden = in_child(scene.plan(Fault::none), scene.body());
  ASSERT_EQ(golden.exit_code, 0) << describe(golden);
  const Tree whole = tree(scene.folder());
  int frames = 0, parts = 0;
  for (std::size_t i = 0; i < golden.operations.size(); ++i) {
    const auto& what = golden.operations[i];
    if (!what.starts_with("rename") || what.ends_with(".out.png")) continue;
    frames += what.find("/frames/") != std::string::npos ? 1 : 0;
    parts += what.find("/parts/") != std::string::npos ? 1 : 0;
    scene.clear();
    const auto stopped = in_child(scene.plan(Fault::stop, static_cast<std::int64_t>(i)), scene.body());
    ASSERT_EQ(stopped.exit_code, kStopped) << what << "\n" << describe(stopped);
    const auto outcome = in_child(scene.plan(Fault::none), scene.body());
    ASSERT_EQ(outcome.exit_code, 0) << what << "\n" << describe(outcome);
    ASSERT_TRUE(tree(scene.folder()) == whole) << what;
  }
  EXPECT_GE(frames, 14);  // of both recordings
  EXPECT_GE(parts, 4);
}

// Each output, and each part that is encoded for one, is renamed into place; a note follows each output.
TEST(Several, OutputsComeWholeAfterAStopAtAnyOfThem) {
  const Scene scene(Scene::Kind::several);
  const auto golden = in_child(scene.plan(Fault::none), scene.body());
  ASSERT_EQ(golden.exit_code, 0) << describe(golden);
  const Tree whole = tree(scene.folder());
  int encoded = 0, notes = 0, outputs = 0;
  for (std::size_t i = 0; i < golden.operations.size(); ++i) {
    const auto& what = golden.operations[i];
    if (!what.starts_with("rename") || what.find("/frames/") != std::string::npos) continue;
    const auto is_in = [&](const char* text) { return what.find(text) != std::string::npos; };
    encoded += is_in("/encoded/") ? 1 : 0;
    notes += is_in("/output-") ? 1 : 0;
    outputs += is_in(".work/") ? 0 : 1;
    // Plan and parts are those of any render, and one picture is like the other.
    const bool is_tried = is_in(".work/") ? is_in("/encoded/") || is_in("/output-")
                                          : !what.ends_with(".png") || what.ends_with("005.png");
    if (!is_tried) continue;
    scene.clear();
    const bool is_power = i % 2 == 0;
    const auto plan = scene.plan(is_power ? Fault::power_cut : Fault::stop, static_cast<std::int64_t>(i));
    const auto stopped = in_child(plan, scene.body());
    ASSERT_EQ(stopped.exit_code, kStopped) << what << "\n" << describe(stopped);
    if (is_power) cut_power(plan, i % 4 == 0 ? PowerCut::undone : PowerCut::torn);
    expect_nothing_unfinished(tree(scene.folder()), whole);
    const auto outcome = in_child(scene.plan(Fault::none), scene.body());
    ASSERT_EQ(outcome.exit_code, 0) << what << "\n" << describe(outcome);
    ASSERT_TRUE(tree(scene.folder()) == whole) << what;
  }
  EXPECT_EQ(notes, 3);
  EXPECT_GE(encoded, 6);   // three segments or more, for the film and for the pictures
  EXPECT_EQ(outputs, 13);  // a film, an animation, eleven pictures
}

INSTANTIATE_TEST_SUITE_P(Stops, Walk,
                         testing::Values(Scene::Kind::whole, Scene::Kind::loop, Scene::Kind::pictures,
                                         Scene::Kind::farm),
                         [](const auto& tried) { return name_of(tried.param); });

}  // namespace
}  // namespace dreamreel::test
