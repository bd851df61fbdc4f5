// How much memory of the machine a new process may use.
#pragma once

#include <cstdint>
#include <filesystem>

namespace dreamreel::render {

/// Bytes: MemAvailable, or what is left of the smallest limit of the control groups that this process is in,
/// whichever is less; the largest number where nothing limits it. Cached files that the kernel would give
/// back count as free. `root` is where /proc and /sys lie.
std::int64_t free_host_memory(const std::filesystem::path& root = "/");

}  // namespace dreamreel::render
