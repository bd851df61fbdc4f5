#include "dreamreel/settings/path_text.h"

#include <fmt/core.h>

#include <cctype>
#include <cstdlib>

#include "dreamreel/settings/problems.h"

namespace dreamreel::settings {
namespace {

// "https" of "https://example.com/a.mp4"; "" for a text that is no URL. A single letter may be a drive.
std::string scheme_of(const std::string& text) {
  const auto end = text.find("://");
  if (end == std::string::npos || end < 2) return "";
  for (std::size_t i = 0; i < end; ++i)
    if (std::isalnum(static_cast<unsigned char>(text[i])) == 0) return "";
  return text.substr(0, end);
}

}  // namespace

std::string why_no_path(const std::string& text) {
  const std::string scheme = scheme_of(text);
  if (scheme.empty()) return "";
  const std::string begin = "expected a path, got the URL " + in_quotes(text);
  const std::string local = "file://";
  if (text.starts_with(local))
    return fmt::format("{}; write {}", begin, in_quotes(text.substr(local.size())));
  return begin + "; dreamreel reads files of this machine alone, so download it first";
}

std::filesystem::path with_home(const std::string& text) {
  const char* const home = text.starts_with("~/") ? std::getenv("HOME") : nullptr;
  return home == nullptr ? std::filesystem::path(text) : std::filesystem::path(home) / text.substr(2);
}

}  // namespace dreamreel::settings
