// Records what each thread of a render worked on, and when. Gives totals for `bench --pipeline`, and a file
// for a trace viewer.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/core/atomic_file.h"

namespace dreamreel {

/// Collects spans of time from several threads. They are written to the file at once, so memory does not
/// grow.
class Trace {
 public:
  using Clock = std::chrono::steady_clock;

  /// One row in a viewer. The spans of one track nest, or follow each other.
  enum class Track { source, ascent, output };

  struct Total {
    Track track = Track::source;
    std::string name;
    std::int64_t count = 0;
    double seconds = 0;
  };

  Trace() = default;  ///< collects only totals
  /// Also writes the spans to `file` in the Trace Event Format (JSON), which Perfetto and chrome://tracing
  /// open. Throws IoError if it cannot be written.
  explicit Trace(const std::filesystem::path& file);

  /// `frame` is the absolute number of the frame that was worked on, or -1. `name` is plain text without
  /// quotes.
  void add(Track track, const char* name, Clock::time_point begin, Clock::time_point end, std::int64_t frame);

  /// Sums by track and name, in the order in which their first spans ended.
  std::vector<Total> totals() const;

  /// Gives the file its final name. Throws IoError. Nothing may be added afterwards.
  void finish();

 private:
  const Clock::time_point start_ = Clock::now();
  mutable std::mutex mutex_;
  std::vector<Total> totals_;
  std::optional<PendingFile> pending_;
  std::ofstream out_;
};

/// Records a span from its construction to its destruction. Costs nothing without a trace.
class TraceSpan {
 public:
  TraceSpan(Trace* trace, Trace::Track track, const char* name, std::int64_t frame = -1)
      : trace_(trace), track_(track), name_(name), frame_(frame) {
    if (trace_) begin_ = Trace::Clock::now();
  }
  ~TraceSpan() {
    if (trace_) trace_->add(track_, name_, begin_, Trace::Clock::now(), frame_);
  }
  TraceSpan(const TraceSpan&) = delete;
  TraceSpan& operator=(const TraceSpan&) = delete;

 private:
  Trace* const trace_;
  const Trace::Track track_;
  const char* const name_;
  const std::int64_t frame_;
  Trace::Clock::time_point begin_;
};

}  // namespace dreamreel
