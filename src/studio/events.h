// What happens in the studio, told to every page that listens (server-sent events).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace dreamreel::studio {

/// Any thread.
class Events {
 public:
  /// The most events that wait for one page. If a page does not read, its oldest events are dropped.
  static constexpr std::size_t kMostWaiting = 1000;

  void publish(const nlohmann::json& event);

  /// Adds a listener, whose queue gets all later events. Returns its number.
  std::int64_t join();
  void leave(std::int64_t listener);
  /// The next event as text of the stream; "" if none came within `wait`; nullopt once closed.
  std::optional<std::string> next(std::int64_t listener, std::chrono::milliseconds wait);
  /// Ends every listener.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, std::deque<std::string>> waiting_;
  std::int64_t joined_ = 0;
  bool is_closed_ = false;
};

}  // namespace dreamreel::studio
