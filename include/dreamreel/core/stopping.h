// Runs work that cannot be asked to stop, such as loading a network or opening a file on a slow disk. The
// work has a thread of its own, which is abandoned when a signal comes. The process is expected to end soon
// after that.
#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "dreamreel/core/error.h"

namespace dreamreel {

/// Throws Interrupted once `stop`, which may be null, is set.
inline void throw_if_stopped(const std::atomic<bool>* stop, const char* message) {
  if (stop != nullptr && stop->load())
    throw Interrupted(std::string(message) + "; run the same command again to go on from there");
}

/// Returns or throws what `function` returns or throws. Throws Interrupted(message) as soon as `stop` or
/// `unwanted` is set; either may be null. `function` may run on after that, so it must own everything that it
/// uses.
template <typename Function>
auto in_background(Function function, const std::atomic<bool>* stop, const char* message,
                   const std::atomic<bool>* unwanted = nullptr) {
  using Result = decltype(function());
  throw_if_stopped(stop, message);
  if (stop == nullptr && unwanted == nullptr) return function();
  const auto task = std::make_shared<std::packaged_task<Result()>>(std::move(function));
  auto result = task->get_future();
  std::thread([task] { (*task)(); }).detach();
  constexpr auto kPoll = std::chrono::milliseconds(20);
  while (result.wait_for(kPoll) != std::future_status::ready) {
    throw_if_stopped(stop, message);
    throw_if_stopped(unwanted, message);
  }
  return result.get();
}

}  // namespace dreamreel
