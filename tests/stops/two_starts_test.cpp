// Starts two processes on one output, at every phase of the first one. No work of the first process is lost,
// and the two never write at the same time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "dreamreel/core/error.h"
#include "scene.h"

namespace dreamreel::test {
namespace {

constexpr int kRefused = static_cast<int>(ExitCode::interrupted);

class TwoStarts : public testing::TestWithParam<Scene::Kind> {
 protected:
  // Stops the first process at each of `count` operations, which are spread evenly from its first to its last
  // one.
  void at_phases(std::size_t count, int flock_error) {
    const Scene scene(GetParam());
    auto unbroken = scene.plan(Fault::none);
    unbroken.flock_error = flock_error;
    const auto golden = in_child(unbroken, scene.body());
    ASSERT_EQ(golden.exit_code, 0) << golden.message;
    const auto whole = tree(scene.folder());
    const auto operations = golden.operations.size();
    std::size_t refused = 0;
    for (std::size_t i = 0; i < count; ++i) {
      scene.clear();
      auto plan = scene.plan(Fault::pause, static_cast<std::int64_t>(i * (operations - 1) / (count - 1)));
      plan.flock_error = flock_error;
      Paused first(plan, scene.body());
      ASSERT_TRUE(first.is_waiting()) << i;
      const auto before = tree(scene.folder());
      const auto second = in_child(unbroken, scene.body());
      const std::string where = golden.operations[static_cast<std::size_t>(plan.at)] +
                                ", the second: " + std::to_string(second.exit_code) + " " + second.message;
      if (second.exit_code == kRefused) {
        ++refused;
        EXPECT_TRUE(tree(scene.folder()) == before) << where;
        EXPECT_THAT(second.message, testing::HasSubstr("process " + std::to_string(first.process())))
            << where;
      } else {
        // The first process holds no lock: it has not begun yet, or is finished.
        ASSERT_EQ(second.exit_code, 0) << where;
      }
      const auto outcome = first.resume();
      ASSERT_EQ(outcome.exit_code, 0) << where << "\nthe first: " << outcome.message;
      EXPECT_TRUE(tree(scene.folder()) == whole) << where;
      if (HasFailure()) return;
    }
    std::fprintf(stderr, "%s: %zu starts, %zu refused\n", name_of(GetParam()).c_str(), count, refused);
    EXPECT_GE(refused, count / 2);
  }
};

TEST_P(TwoStarts, InEveryPhase) {
  at_phases(GetParam() == Scene::Kind::whole ? 50 : 10, 0);
}

// If the file system has no locks, only the sign of life keeps the processes apart.
TEST_P(TwoStarts, OnAFileSystemWithoutLocks) {
  for (const int error : {ENOSYS, ENOLCK, EOPNOTSUPP}) at_phases(6, error);
}

// A whole render and a farm's chunk in one work folder. Each is refused while the other one works.
TEST(TwoStarts, AWholeRenderAndAChunk) {
  using Kind = Scene::Kind;
  const Scene scene(Kind::whole);
  for (const auto first_kind : {Kind::whole, Kind::farm}) {
    const auto second_kind = first_kind == Kind::whole ? Kind::farm : Kind::whole;
    scene.clear();
    const auto golden = in_child(scene.plan(Fault::none), scene.body(first_kind));
    ASSERT_EQ(golden.exit_code, 0) << golden.message;
    const auto whole = tree(scene.folder());
    std::vector<std::int64_t> stored;
    for (std::size_t i = 0; i < golden.operations.size(); ++i)
      if (golden.operations[i].starts_with("rename") &&
          golden.operations[i].find("/frames/") != std::string::npos)
        stored.push_back(static_cast<std::int64_t>(i));
    ASSERT_GT(stored.size(), 5U);
    for (const auto at : {stored.front(), stored[stored.size() / 2], stored.back()}) {
      scene.clear();
      Paused first(scene.plan(Fault::pause, at), scene.body(first_kind));
      ASSERT_TRUE(first.is_waiting());
      auto before = tree(scene.folder());
      const auto second = in_child(scene.plan(Fault::none), scene.body(second_kind));
      EXPECT_EQ(second.exit_code, kRefused) << second.message;
      auto after = tree(scene.folder());
      // The farm's own plan.
      std::erase_if(after, [](const auto& file) { return file.first == "plan.json"; });
      std::erase_if(before, [](const auto& file) { return file.first == "plan.json"; });
      EXPECT_TRUE(after == before);
      ASSERT_EQ(first.resume().exit_code, 0);
      after = tree(scene.folder());
      for (const auto& file : whole) EXPECT_THAT(after, testing::Contains(file)) << file.first;
    }
  }
}

// A whole render after a farm has finished its chunks. It joins them, and dreams nothing again.
TEST(WholeRender, GoesOnFromAFarmsChunks) {
  const Scene scene(Scene::Kind::farm);
  const auto farm = in_child(scene.plan(Fault::none), scene.body());
  ASSERT_EQ(farm.exit_code, 0) << farm.message;
  const auto joining = std::ranges::find_if(
      farm.operations, [](const std::string& what) { return what.starts_with("create .clip."); });
  ASSERT_NE(joining, farm.operations.end());
  scene.clear();
  const auto stopped = in_child(scene.plan(Fault::stop, joining - farm.operations.begin()), scene.body());
  ASSERT_EQ(stopped.exit_code, kStopped);
  const auto whole = in_child(scene.plan(Fault::none), scene.body(Scene::Kind::whole));
  EXPECT_EQ(whole.exit_code, 0) << whole.message;
  for (const auto& what : whole.operations)
    EXPECT_FALSE(what.starts_with("create clip.mp4.work/frames/")) << what;
}

INSTANTIATE_TEST_SUITE_P(Stops, TwoStarts,
                         testing::Values(Scene::Kind::whole, Scene::Kind::loop, Scene::Kind::pictures),
                         [](const auto& tried) { return name_of(tried.param); });

}  // namespace
}  // namespace dreamreel::test
