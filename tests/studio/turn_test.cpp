// The latest request works; those before it neither work nor wait.
#include "turn.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <thread>

namespace dreamreel::studio {
namespace {

int status_of(std::future<void>& request) {
  try {
    request.get();
  } catch (const ApiError& error) {
    return error.status();
  }
  return 200;
}

class TurnTest : public testing::Test {
 protected:
  std::future<void> ask(const std::string& subject) {
    return std::async(std::launch::async, [this, subject] { turn_.take("things", subject); });
  }
  Turn turn_;
};

TEST_F(TurnTest, ALaterRequestStopsTheWorkAndEndsTheWaiting) {
  std::unique_ptr<Turn::Held> first(new Turn::Held(turn_.take("things", "a")));
  EXPECT_FALSE(first->stop());
  auto second = ask("b");
  while (!first->stop()) std::this_thread::yield();
  auto third = ask("c");
  EXPECT_EQ(status_of(second), 409) << "while the first is still at work";
  first.reset();
  EXPECT_EQ(status_of(third), 200);
}

TEST_F(TurnTest, TheSameRequestAgainWaitsForTheWork) {
  std::unique_ptr<Turn::Held> first(new Turn::Held(turn_.take("things", "a")));
  auto second = ask("a");
  auto third = ask("a");
  // One of the two has taken the place of the other.
  while (second.wait_for(std::chrono::seconds(0)) != std::future_status::ready &&
         third.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    std::this_thread::yield();
  EXPECT_FALSE(first->stop());
  first.reset();
  EXPECT_EQ(status_of(second) + status_of(third), 409 + 200);
}

TEST_F(TurnTest, ClosedItStopsTheWorkAndEndsTheWaiting) {
  const auto first = turn_.take("things", "a");
  auto second = ask("a");
  turn_.close();
  EXPECT_TRUE(first.stop());
  EXPECT_EQ(status_of(second), 503);
}

}  // namespace
}  // namespace dreamreel::studio
