// Preloaded by bench.py: the process is killed at once when a file whose name ends in $DREAMREEL_TEST_DIE_AT has been renamed
// into place. A kill by the clock would need a render that is slow enough to be caught, and would hit another frame each time.
#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

extern "C" int rename(const char* from, const char* to) noexcept {  // NOLINT: libc's name and signature
  const long done = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  const char* const last = std::getenv("DREAMREEL_TEST_DIE_AT");
  if (done == 0 && last != nullptr && std::string_view(to).ends_with(last)) kill(getpid(), SIGKILL);
  return static_cast<int>(done);
}
