// Tells how much memory of the machine a new process may use.
#pragma once

#include <cstdint>
#include <filesystem>

namespace dreamreel::prepare {

/// Bytes that the process may use: the smaller of MemAvailable and the smallest remainder that the limits of
/// its control groups leave. The largest number if nothing limits the process. Cached files that the kernel
/// would give back count as free. `root` is the folder that contains /proc and /sys.
std::int64_t free_host_memory(const std::filesystem::path& root = "/");

}  // namespace dreamreel::prepare
