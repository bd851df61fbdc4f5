// Messages for people, on stderr, one line each, from any thread. Results never go through here (they go to
// stdout).
#pragma once

#include <functional>
#include <string_view>

namespace dreamreel {

enum class LogLevel { debug, info, warning, error };

/// Messages below `level` are dropped. Default: info.
void set_log_level(LogLevel level);

/// Where lines go; by default to stderr as "dreamreel: warning: ...". A progress bar replaces it to keep its
/// own line whole. The sink is called under a lock, so it need not be thread-safe; an empty function restores
/// the default.
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
/// As log_warning(), but the same words only once in the life of the process.
void log_warning_once(std::string_view message);
inline void log_error(std::string_view message) {
  log_message(LogLevel::error, message);
}

/// "debug", "info", "warning", "error".
std::string_view name_of(LogLevel level);

}  // namespace dreamreel
