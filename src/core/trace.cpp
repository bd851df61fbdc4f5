#include "dreamreel/core/trace.h"

#include <algorithm>
#include <cstdio>

#include "dreamreel/core/error.h"

namespace dreamreel {
namespace {

constexpr const char* kTrackNames[] = {"decode and flow", "ascent", "store and encode"};

double microseconds(Trace::Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

}  // namespace

Trace::Trace(const std::filesystem::path& file) : pending_(file), out_(pending_->path(), std::ios::binary) {
  out_ << "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n";
  for (int track = 0; track < 3; ++track)
    out_ << (track == 0 ? "" : ",\n") << R"({"ph": "M", "name": "thread_name", "pid": 1, "tid": )" << track
         << R"(, "args": {"name": ")" << kTrackNames[track] << "\"}}";
  if (!out_) throw IoError("cannot write the trace " + file.string());
}

void Trace::add(Track track, const char* name, Clock::time_point begin, Clock::time_point end,
                std::int64_t frame) {
  const std::lock_guard lock(mutex_);
  auto total = std::ranges::find_if(
      totals_, [&](const Total& entry) { return entry.track == track && entry.name == name; });
  if (total == totals_.end()) total = totals_.insert(total, {track, name, 0, 0});
  ++total->count;
  total->seconds += std::chrono::duration<double>(end - begin).count();
  if (!pending_) return;
  char times[128];
  std::snprintf(times, sizeof times, R"("ts": %.1f, "dur": %.1f)", microseconds(begin - start_),
                microseconds(end - begin));
  out_ << ",\n{\"ph\": \"X\", \"name\": \"" << name << "\", \"pid\": 1, \"tid\": " << static_cast<int>(track)
       << ", " << times;
  if (frame >= 0) out_ << ", \"args\": {\"frame\": " << frame << '}';
  out_ << '}';
}

std::vector<Trace::Total> Trace::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

void Trace::finish() {
  if (!pending_) return;
  out_ << "\n]}\n";
  out_.close();
  if (!out_) throw IoError("cannot write the trace " + pending_->final_path().string());
  pending_->commit_unsynced();
  pending_.reset();
}

}  // namespace dreamreel
