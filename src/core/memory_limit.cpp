#include "dreamreel/core/memory_limit.h"

#include <atomic>

namespace dreamreel {
namespace {

std::atomic<std::int64_t> limit = 0;  // 0: no limit was given

}  // namespace

void set_memory_limit(std::int64_t bytes) {
  limit = bytes;
}

std::optional<std::int64_t> memory_limit() {
  const std::int64_t bytes = limit;
  return bytes > 0 ? std::optional(bytes) : std::nullopt;
}

}  // namespace dreamreel
