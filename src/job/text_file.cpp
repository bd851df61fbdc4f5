#include "text_file.h"

#include <system_error>

#include "value.h"

namespace dreamreel::job {

bool is_file(const std::filesystem::path& path) {
  std::error_code unreadable;
  return std::filesystem::is_regular_file(path, unreadable);
}

Beginning read_text(const std::filesystem::path& path) {
  return read_beginning(path, kMaxBytes + 1);
}

}  // namespace dreamreel::job
