#include "pattern.h"

#include <algorithm>
#include <charconv>
#include <regex>

namespace dreamreel::media {
namespace fs = std::filesystem;
namespace {

std::string without_escapes(const std::string& text) {
  return std::regex_replace(text, std::regex("%%"), "%");
}

}  // namespace

std::optional<NumberPattern> NumberPattern::parse(const fs::path& path) {
  // Before the number and after it only plain characters or "%%".
  static const std::regex shape("((?:[^%]|%%)*)%0?([0-9]{0,2})d((?:[^%]|%%)*)");
  const std::string name = path.filename().string();
  std::smatch match;
  if (!std::regex_match(name, match, shape)) return {};
  NumberPattern pattern;
  pattern.path_ = path;
  pattern.before_ = without_escapes(match[1]);
  pattern.after_ = without_escapes(match[3]);
  if (match[2].length() > 0) pattern.digits_ = static_cast<std::size_t>(std::max(1, std::stoi(match[2])));
  return pattern;
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
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (const auto number = number_of(entry->path().filename().string())) found.push_back(*number);
  std::ranges::sort(found);
  return found;
}

}  // namespace dreamreel::media
