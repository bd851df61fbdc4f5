#include "dreamreel/settings/text_file.h"

#include <system_error>

#include "dreamreel/settings/value.h"

namespace dreamreel::settings {

bool is_file(const std::filesystem::path& path) {
  std::error_code unreadable;
  return std::filesystem::is_regular_file(path, unreadable);
}

Beginning read_text(const std::filesystem::path& path) {
  return read_beginning(path, kMaxBytes + 1);
}

}  // namespace dreamreel::settings
