// Pictures that the page fetches after an event has named them.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace dreamreel::studio {

/// The latest pictures, as many as fit into some memory. Any thread.
class Pictures {
 public:
  explicit Pictures(std::size_t most_bytes = std::size_t{64} << 20) : most_bytes_(most_bytes) {}
  void keep(const std::string& name, std::string jpeg);
  /// nullopt for one that was never there, or has gone.
  std::optional<std::string> find(const std::string& name) const;

 private:
  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::deque<std::pair<std::string, std::string>> kept_;  // the latest last
};

}  // namespace dreamreel::studio
