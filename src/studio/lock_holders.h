// Which process of this machine works on something, told by its lock (work/work_lock.h).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace dreamreel::studio {

/// A lock's "host pid", as work::lock_holder() has it.
struct LockHolder {
  bool is_here = false;  ///< on this machine
  pid_t pid = 0;         ///< 0 where the text is no holder's
};
LockHolder parse_holder(const std::string& text);

/// The living process of this machine that holds the lock file; 0 where there is none. The kernel's lock
/// itself is not tried: a render that starts at that moment would take us for the holder.
pid_t holder_here(const std::filesystem::path& lock);

}  // namespace dreamreel::studio
