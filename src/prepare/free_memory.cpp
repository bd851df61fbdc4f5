#include "free_memory.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace dreamreel::prepare {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

// The names of files in the two versions of control groups.
struct Names {
  const char* root;
  const char* limit;
  const char* soft_limit;  // above it, the kernel slows a process down; null if there is none
  const char* used;
  std::string_view cached;  // name of an entry in memory.stat
};
constexpr Names kFirstVersion{"sys/fs/cgroup/memory", "memory.limit_in_bytes", nullptr,
                              "memory.usage_in_bytes", "total_inactive_file "};
constexpr Names kSecondVersion{"sys/fs/cgroup", "memory.max", "memory.high", "memory.current",
                               "inactive_file "};

std::optional<std::int64_t> number_in(const fs::path& file) {
  std::ifstream in(file);
  std::int64_t value = 0;
  return in >> value ? std::optional(value) : std::nullopt;  // "max" is not a number
}

// The number after the beginning of a line.
std::optional<std::int64_t> number_after(const fs::path& file, std::string_view beginning) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line))
    if (line.starts_with(beginning)) return std::strtoll(line.c_str() + beginning.size(), nullptr, 10);
  return {};
}

std::int64_t available_in_machine(const fs::path& root) {
  const auto kibibytes = number_after(root / "proc/meminfo", "MemAvailable:");
  return kibibytes ? *kibibytes * 1024 : kUnlimited;
}

std::int64_t left_in_group(const fs::path& folder, const Names& names) {
  auto limit = number_in(folder / names.limit).value_or(kUnlimited);
  if (names.soft_limit != nullptr)
    limit = std::min(limit, number_in(folder / names.soft_limit).value_or(kUnlimited));
  const auto used = number_in(folder / names.used);
  if (limit == kUnlimited || !used) return kUnlimited;
  const auto cached = number_after(folder / "memory.stat", names.cached).value_or(0);
  return std::max<std::int64_t>(0, limit - std::max<std::int64_t>(0, *used - cached));
}

// The smallest remainder of the group `path` and all groups above it. `path` is relative to the groups' root.
std::int64_t left_on_the_way_up(const fs::path& root, const fs::path& path, const Names& names) {
  fs::path folder = root;
  auto left = left_in_group(folder, names);
  for (const auto& name : path.relative_path().lexically_normal()) {
    folder /= name;
    left = std::min(left, left_in_group(folder, names));
  }
  return left;
}

// Lines of version 2 look like "0::/path", lines of version 1 like "4:memory:/path" or "4:cpu,memory:/path".
// Inside a container, the path may be the host's path, and only the root of the groups may exist.
std::int64_t left_in_groups(const fs::path& root) {
  auto left = kUnlimited;
  std::ifstream in(root / "proc/self/cgroup");
  std::string line;
  while (std::getline(in, line)) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool is_second_version = controllers == ",,";
    if (!is_second_version && controllers.find(",memory,") == std::string::npos) continue;
    const Names& names = is_second_version ? kSecondVersion : kFirstVersion;
    left = std::min(left, left_on_the_way_up(root / names.root, line.substr(second + 1), names));
  }
  return left;
}

}  // namespace

std::int64_t free_host_memory(const fs::path& root) {
  return std::min(available_in_machine(root), left_in_groups(root));
}

}  // namespace dreamreel::prepare
