#include "dreamreel/core/log.h"

#include <atomic>
#include <cstdio>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "dreamreel/core/printable.h"

namespace dreamreel {
namespace {

std::atomic<LogLevel> g_level{LogLevel::info};

struct SinkState {
  std::mutex mutex;
  LogSink sink;
};

SinkState& sink_state() {
  // Never destroyed, because threads may log while statics are destroyed.
  static SinkState* state = new SinkState;
  return *state;
}

constexpr std::size_t kLongestLine = 16 << 10;

void write_to_stderr(LogLevel level, std::string_view message) {
  const std::string lines = log_lines(level, message) + "\n";
  std::fwrite(lines.data(), 1, lines.size(), stderr);
}

}  // namespace

std::string log_lines(LogLevel level, std::string_view message) {
  std::string prefix = "dreamreel: ";
  if (level != LogLevel::info) prefix.append(name_of(level)).append(": ");
  const bool has_lines = level >= LogLevel::warning;
  std::string text;
  for (;;) {
    const auto end = has_lines ? message.find('\n') : std::string_view::npos;
    const auto line = message.substr(0, end);
    text += prefix + printable(line.substr(0, kLongestLine));
    if (line.size() > kLongestLine) text += "...";
    if (end == std::string_view::npos) return text;
    message.remove_prefix(end + 1);
    text += '\n';
  }
}

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
  static auto* said = new std::set<std::string, std::less<>>;  // never destroyed, like the sink
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
