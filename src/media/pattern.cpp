#include "pattern.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace dreamreel::media {
namespace fs = std::filesystem;
namespace {

// Removes and returns the text before a single percent sign, or the whole text. "%%" stands for a percent
// sign.
std::string take_plain(std::string_view& rest) {
  std::string text;
  while (!rest.empty()) {
    const bool escaped = rest.starts_with("%%");
    if (rest[0] == '%' && !escaped) break;
    text += rest[0];
    rest.remove_prefix(escaped ? 2 : 1);
  }
  return text;
}

// Removes "%d", "%4d" or "%06d" from the front, and returns the least number of digits. nullopt if the text
// does not begin with one of them.
std::optional<std::size_t> take_number(std::string_view& rest) {
  constexpr std::size_t kMostDigits = 2;  // of the number's width
  if (!rest.starts_with('%')) return {};
  rest.remove_prefix(rest.starts_with("%0") ? 2 : 1);
  std::size_t width = 0;
  for (std::size_t i = 0; i < kMostDigits && !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; ++i) {
    width = width * 10 + static_cast<std::size_t>(rest[0] - '0');
    rest.remove_prefix(1);
  }
  if (!rest.starts_with('d')) return {};
  rest.remove_prefix(1);
  return std::max<std::size_t>(width, 1);
}

}  // namespace

std::optional<NumberPattern> NumberPattern::parse(const fs::path& path) {
  const std::string name = path.filename().string();
  std::string_view rest = name;
  NumberPattern pattern;
  pattern.path_ = path;
  pattern.before_ = take_plain(rest);
  const auto digits = take_number(rest);
  if (!digits) return {};
  pattern.digits_ = *digits;
  pattern.after_ = take_plain(rest);
  if (!rest.empty()) return {};  // a second number
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
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unreadable;
    const auto number = number_of(entry->path().filename().string());
    if (number && entry->is_regular_file(unreadable)) found.push_back(*number);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace dreamreel::media
