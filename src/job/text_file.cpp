#include "text_file.h"

#include "value.h"

namespace dreamreel::job {

Beginning read_text(const std::filesystem::path& path) {
  return read_beginning(path, kMaxBytes + 1);
}

}  // namespace dreamreel::job
