#include "pattern.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "dreamreel/core/list_folder.h"
#include "dreamreel/core/number_pattern.h"

namespace dreamreel::media {
namespace fs = std::filesystem;

std::optional<NumberPattern> NumberPattern::parse(const fs::path& path) {
  auto name = parse_numbered_name(path.filename().string());
  if (!name) return {};
  NumberPattern pattern;
  pattern.path_ = path;
  pattern.before_ = std::move(name->before);
  pattern.after_ = std::move(name->after);
  pattern.digits_ = name->digits;
  return pattern;
}

fs::path NumberPattern::url_path() const {
  std::string folder;
  for (const char c : path_.parent_path().string()) folder += c == '%' ? "%%" : std::string(1, c);
  return fs::path(folder) / path_.filename();
}

fs::path NumberPattern::file(std::int64_t number) const {
  std::string digits = std::to_string(number);
  if (digits.size() < digits_) digits.insert(0, digits_ - digits.size(), '0');
  return path_.parent_path() / (before_ + digits + after_);
}

std::optional<std::int64_t> NumberPattern::number_of(const std::string& name) const {
  if (name.size() <= before_.size() + after_.size() || !name.starts_with(before_) || !name.ends_with(after_))
    return {};
  const char* first = name.data() + before_.size();
  const char* last = name.data() + name.size() - after_.size();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(first, last, number);
  if (error != std::errc{} || end != last || number < 0 || file(number).filename() != name) return {};
  return number;
}

std::vector<std::int64_t> NumberPattern::numbers() const {
  std::vector<std::int64_t> found;
  const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  for (const auto& entry : list_entries(folder)) {
    std::error_code unreadable;
    const auto number = number_of(entry.path().filename().string());
    if (number && entry.is_regular_file(unreadable)) found.push_back(*number);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace dreamreel::media
