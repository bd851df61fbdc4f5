#include "dreamreel/report/missing_file.h"

#include <fmt/core.h>

#include <system_error>

#include "dreamreel/core/similar_files.h"

namespace dreamreel::report {

std::string cannot_open(const std::filesystem::path& path, const std::string& why) {
  std::error_code unreadable;
  return fmt::format("cannot open {}: {}{}", path.string(), why,
                     std::filesystem::exists(path, unreadable) ? "" : similar_files(path));
}

}  // namespace dreamreel::report
