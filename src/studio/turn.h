// Lets one request at a time do slow work, of which only the latest request's result is of use.
#pragma once

#include <fmt/core.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "api_error.h"

namespace dreamreel::studio {

/// Any thread.
class Turn {
 public:
  /// The right to work, until its end.
  class Held {
   public:
    Held(Turn& turn, std::shared_ptr<std::atomic<bool>> stop) : turn_(turn), stop_(std::move(stop)) {}
    ~Held() { turn_.give_back(); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    /// Set once nobody wants the result any more.
    const std::atomic<bool>& stop() const { return *stop_; }

   private:
    Turn& turn_;
    std::shared_ptr<std::atomic<bool>> stop_;
  };

  /// Waits for the request before, and stops its work unless it has the same `subject`. A page that asks the
  /// same again and again would else never get an answer. Throws ApiError (409) as soon as a later request
  /// comes while this one waits, and (503) after close(). `what` names what they ask for.
  Held take(const std::string& what, const std::string& subject) {
    std::unique_lock lock(mutex_);
    const auto number = ++asked_;
    if (stop_ && subject != subject_) *stop_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !stop_ || number != asked_ || is_closed_; });
    if (is_closed_) throw ApiError(503, "the studio is ending");
    if (number != asked_) throw ApiError(409, superseded(what));
    stop_ = std::make_shared<std::atomic<bool>>(false);
    subject_ = subject;
    return {*this, stop_};
  }

  /// Stops the work, and lets nobody wait any more.
  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    if (stop_) *stop_ = true;
    changed_.notify_all();
  }

  static std::string superseded(const std::string& what) {
    return fmt::format("a later request for {} has taken the place of this one", what);
  }

 private:
  void give_back() {
    const std::lock_guard lock(mutex_);
    stop_.reset();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t asked_ = 0;
  bool is_closed_ = false;
  std::shared_ptr<std::atomic<bool>> stop_;  // of the request at work; null where none is
  std::string subject_;                      // its subject
};

}  // namespace dreamreel::studio
