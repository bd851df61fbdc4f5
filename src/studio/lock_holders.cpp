#include "lock_holders.h"

#include <fmt/core.h>

#include <charconv>
#include <system_error>

#include "dreamreel/core/file_names.h"
#include "dreamreel/work/work_lock.h"

namespace dreamreel::studio {

namespace fs = std::filesystem;

namespace {

// Whether the process has this file open, as the holder of a lock has. If its number belongs to another
// process by now, that process has other files open. Files are compared by their inodes, not by their names,
// because a lock file is made under another name.
bool has_open(pid_t pid, const fs::path& file) {
  std::error_code failed;
  fs::directory_iterator at(fmt::format("/proc/{}/fd", pid), failed);
  for (; !failed && at != fs::directory_iterator(); at.increment(failed)) {
    std::error_code unknown;
    if (fs::equivalent(at->path(), file, unknown)) return true;
  }
  return false;
}

}  // namespace

LockHolder parse_holder(const std::string& text) {
  const auto space = text.rfind(' ');
  if (space == std::string::npos) return {};
  LockHolder holder;
  holder.is_here = text.substr(0, space) == host_name();
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + space + 1, end, holder.pid);
  if (error != std::errc{} || rest != end || holder.pid <= 1) return {};
  return holder;
}

pid_t holder_here(const fs::path& lock) {
  const auto holder = parse_holder(work::lock_holder(lock));
  return holder.is_here && has_open(holder.pid, lock) ? holder.pid : 0;
}

}  // namespace dreamreel::studio
