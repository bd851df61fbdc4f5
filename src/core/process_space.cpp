#include "dreamreel/core/process_space.h"

#include <filesystem>
#include <fstream>

#include "dreamreel/core/digest.h"

namespace dreamreel {

std::string boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id;
}

std::string process_namespace() {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/ns/pid", unknown).string();
}

std::string process_space(const std::string& boot, const std::string& name) {
  constexpr std::size_t kLetters = 8;
  return boot.empty() ? "" : sha256_hex(boot + "\n" + name).substr(0, kLetters);
}

}  // namespace dreamreel
