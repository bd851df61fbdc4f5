// Lets one request at a time do slow work, of which only the latest request's result is of use.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "api_error.h"

namespace dreamreel::studio {

/// Any thread.
class Turn {
 public:
  /// Waits for the requests before. Throws ApiError (409) where a later request has come meanwhile; `what`
  /// names what they ask for.
  std::unique_lock<std::mutex> take(const std::string& what) {
    const auto number = ++asked_;
    std::unique_lock lock(mutex_);
    if (number != asked_)
      throw ApiError(409, "a later request for " + what + " has taken the place of this one");
    return lock;
  }

 private:
  std::mutex mutex_;
  std::atomic<std::int64_t> asked_{0};
};

}  // namespace dreamreel::studio
