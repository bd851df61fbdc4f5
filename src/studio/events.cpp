#include "events.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "json_of.h"

namespace dreamreel::studio {

void Events::publish(const nlohmann::json& event) {
  const std::string text = fmt::format("data: {}\n\n", as_text(event));
  const std::lock_guard lock(mutex_);
  for (auto& [listener, queue] : waiting_) {
    if (queue.size() == kMostWaiting) queue.pop_front();
    queue.push_back(text);
  }
  changed_.notify_all();
}

std::int64_t Events::join() {
  const std::lock_guard lock(mutex_);
  waiting_[++joined_];
  return joined_;
}

void Events::leave(std::int64_t listener) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(listener);
}

std::optional<std::string> Events::next(std::int64_t listener, std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  auto& queue = waiting_[listener];
  changed_.wait_for(lock, wait, [&] { return is_closed_ || !queue.empty(); });
  if (is_closed_) return {};
  if (queue.empty()) return "";
  std::string text = std::move(queue.front());
  queue.pop_front();
  return text;
}

void Events::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  changed_.notify_all();
}

}  // namespace dreamreel::studio
