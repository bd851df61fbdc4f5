// A queue of fixed length between two threads of the pipeline. "No item yet" blocks; "no more items" is
// nullopt.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace dreamreel {

/// For one producer and one consumer; more of either also work. The producer ends with close() or fail(). A
/// consumer that stops early calls cancel(), which unblocks the producer.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Blocks while full. Returns false, and drops the item, once the queue was cancelled or closed.
  bool push(T item) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    changed_.notify_all();
    return true;
  }

  /// Blocks while empty. Returns nullopt after close(). After fail(), returns the remaining items first, and
  /// then throws the failure.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return std::nullopt;
    }
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    changed_.notify_all();
    return item;
  }

  /// No more items will come; those already queued are still delivered.
  void close() { end(nullptr, false); }
  /// Like close(), but pop() throws `failure` after the queued items.
  void fail(std::exception_ptr failure) { end(std::move(failure), false); }
  /// The consumer wants nothing more: queued items are dropped and push() returns false.
  void cancel() { end(nullptr, true); }

 private:
  void end(std::exception_ptr failure, bool drop) {
    const std::lock_guard lock(mutex_);
    if (!closed_) failure_ = std::move(failure);
    closed_ = true;
    if (drop) items_.clear();
    changed_.notify_all();
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> items_;
  bool closed_ = false;
  std::exception_ptr failure_;
};

}  // namespace dreamreel
