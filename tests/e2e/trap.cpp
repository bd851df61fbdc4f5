// A library as a stranger would send it: loading it is enough.
#include <cstdio>
#include <cstdlib>

namespace {
[[maybe_unused]] const bool g_sprung = [] {
  const char* const name = std::getenv("DREAMREEL_TRAP_FILE");
  std::FILE* const file = name != nullptr ? std::fopen(name, "w") : nullptr;
  return file != nullptr && std::fclose(file) == 0;
}();
}  // namespace
