// Preloaded by bench.py. Kills the process as soon as it has renamed a file whose name ends in
// $DREAMREEL_TEST_DIE_AT into place. After a file that $DREAMREEL_TEST_REST_AT names, the process stops with
// all its threads, once, until SIGCONT. A test that waited by the clock would need a slow render, and would
// hit a different frame each time.
#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string_view>

namespace {

bool ends_as(std::string_view path, const char* variable) {
  const char* const last = std::getenv(variable);
  return last != nullptr && path.ends_with(last);
}

}  // namespace

extern "C" int rename(const char* from, const char* to) noexcept {  // NOLINT: libc's name and signature
  static std::atomic<bool> has_rested{false};
  const long done = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (done == 0 && ends_as(to, "DREAMREEL_TEST_DIE_AT")) kill(getpid(), SIGKILL);
  if (done == 0 && ends_as(to, "DREAMREEL_TEST_REST_AT") && !has_rested.exchange(true))
    kill(getpid(), SIGSTOP);
  return static_cast<int>(done);
}
