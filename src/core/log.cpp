#include "dreamreel/core/log.h"

#include <atomic>
#include <cstdio>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace dreamreel {
namespace {

std::atomic<LogLevel> g_level{LogLevel::info};

struct SinkState {
  std::mutex mutex;
  LogSink sink;
};

SinkState& sink_state() {
  static SinkState* state = new SinkState;  // never destroyed: threads may log while statics go away
  return *state;
}

void write_to_stderr(LogLevel level, std::string_view message) {
  std::string line = "dreamreel: ";
  if (level != LogLevel::info) line.append(name_of(level)).append(": ");
  line.append(message).push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void set_log_level(LogLevel level) {
  g_level = level;
}

void set_log_sink(LogSink sink) {
  auto& state = sink_state();
  const std::lock_guard lock(state.mutex);
  state.sink = std::move(sink);
}

void log_message(LogLevel level, std::string_view message) {
  if (level < g_level.load()) return;
  auto& state = sink_state();
  const std::lock_guard lock(state.mutex);
  if (state.sink) {
    state.sink(level, message);
  } else {
    write_to_stderr(level, message);
  }
}

void log_warning_once(std::string_view message) {
  static std::mutex mutex;
  static auto* said = new std::set<std::string, std::less<>>;  // never destroyed, as the sink
  {
    const std::lock_guard lock(mutex);
    if (!said->emplace(message).second) return;
  }
  log_warning(message);
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "?";
}

}  // namespace dreamreel
