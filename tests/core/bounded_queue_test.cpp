#include "dreamreel/core/bounded_queue.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace dreamreel {
namespace {

TEST(BoundedQueue, DeliversInOrderAndEnds) {
  BoundedQueue<int> queue(2);
  std::jthread producer([&] {
    for (int i = 0; i < 100; ++i) queue.push(i);
    queue.close();
  });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(queue.pop(), i);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, DeliversAFailureAfterTheItemsBeforeIt) {
  BoundedQueue<int> queue(2);
  queue.push(1);
  queue.fail(std::make_exception_ptr(std::runtime_error("decoder")));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_THROW(queue.pop(), std::runtime_error);
}

TEST(BoundedQueue, CancelUnblocksTheProducer) {
  BoundedQueue<int> queue(1);
  queue.push(1);
  bool pushed = true;
  {
    std::jthread producer([&] { pushed = queue.push(2); });
    queue.cancel();
  }
  EXPECT_FALSE(pushed);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

}  // namespace
}  // namespace dreamreel
