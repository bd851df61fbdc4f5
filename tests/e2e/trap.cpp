// A library that a stranger might send. Loading it is enough to run its code.
#include <cstdio>
#include <cstdlib>

namespace {
[[maybe_unused]] const bool g_sprung = [] {
  const char* const name = std::getenv("DREAMREEL_TRAP_FILE");
  std::FILE* const file = name != nullptr ? std::fopen(name, "w") : nullptr;
  return file != nullptr && std::fclose(file) == 0;
}();
}  // namespace
