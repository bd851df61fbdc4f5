#include "text_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "value.h"

namespace dreamreel::job {

std::optional<std::string> read_text(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return {};
  std::string text;
  std::array<char, 65536> block{};
  while (text.size() <= kMaxBytes) {
    const auto count = std::fread(block.data(), 1, block.size(), file.get());
    if (count == 0) break;
    text.append(block.data(), count);
  }
  if (std::ferror(file.get()) != 0) return {};  // a folder opens, but does not read
  text.resize(std::min(text.size(), kMaxBytes + 1));
  return text;
}

}  // namespace dreamreel::job
