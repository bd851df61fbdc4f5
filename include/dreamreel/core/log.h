// Messages for people, on stderr, from any thread. Results never go through here, but to stdout. A message
// may contain names and texts from outside. So control characters are made visible here, and every line
// begins with "dreamreel: ". No name can then look like a line of progress, or steer a terminal.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace dreamreel {

enum class LogLevel { debug, info, warning, error };

/// Messages below `level` are dropped. Default: info.
void set_log_level(LogLevel level);

/// The text on stderr for a message, without a line break at the end. Warnings and errors may have several
/// lines, each with "dreamreel: warning: " before it. A line break in any other message is made visible.
/// Lines are cut at 16 KiB.
std::string log_lines(LogLevel level, std::string_view message);

/// The receiver of messages; by default, they go to stderr as "dreamreel: warning: ...". A progress bar
/// replaces it to keep its own line whole. The sink is called under a lock, so it need not be thread-safe. An
/// empty function restores the default.
using LogSink = std::function<void(LogLevel, std::string_view)>;
void set_log_sink(LogSink sink);

void log_message(LogLevel level, std::string_view message);
inline void log_debug(std::string_view message) {
  log_message(LogLevel::debug, message);
}
inline void log_info(std::string_view message) {
  log_message(LogLevel::info, message);
}
inline void log_warning(std::string_view message) {
  log_message(LogLevel::warning, message);
}
/// Like log_warning(), but logs the same words only once in the life of the process.
void log_warning_once(std::string_view message);
inline void log_error(std::string_view message) {
  log_message(LogLevel::error, message);
}

/// "debug", "info", "warning", "error".
std::string_view name_of(LogLevel level);

}  // namespace dreamreel
