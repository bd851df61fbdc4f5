#include "dreamreel/settings/picture_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <system_error>

#include "dreamreel/core/number_pattern.h"

namespace dreamreel::settings {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr std::array kPictureEndings{".png"sv,  ".jpg"sv,  ".jpeg"sv, ".jpe"sv, ".tif"sv, ".tiff"sv,
                                     ".bmp"sv,  ".webp"sv, ".jxl"sv,  ".exr"sv, ".dpx"sv, ".tga"sv,
                                     ".ppm"sv,  ".pgm"sv,  ".pnm"sv,  ".pam"sv, ".qoi"sv, ".hdr"sv,
                                     ".heic"sv, ".avif"sv, ".sgi"sv,  ".j2k"sv, ".jp2"sv, ".gif"sv};

}  // namespace

std::string ending_of(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending;
}

bool has_picture_ending(const fs::path& path) {
  return std::ranges::find(kPictureEndings, ending_of(path)) != kPictureEndings.end();
}

fs::path with_printf_number(const fs::path& path) {
  constexpr std::size_t kLeastSigns = 2, kMostSigns = 18;
  const std::string name = path.filename().string();
  const auto begin = name.find('#'), last = name.rfind('#');
  if (begin == std::string::npos || !has_picture_ending(path)) return path;
  const std::size_t signs = last + 1 - begin;
  const bool is_one_row = name.find_first_not_of('#', begin) > last;
  std::error_code unreadable;
  if (!is_one_row || signs < kLeastSigns || signs > kMostSigns || fs::exists(path, unreadable)) return path;
  const auto escaped = [](const std::string& text) {
    std::string twice;
    for (const char c : text) twice += c == '%' ? "%%" : std::string(1, c);
    return twice;
  };
  if (parse_numbered_name(name)) return path;
  return path.parent_path() /
         fmt::format("{}%0{}d{}", escaped(name.substr(0, begin)), signs, escaped(name.substr(last + 1)));
}

std::string name_without_number(const fs::path& path) {
  std::error_code unreadable;
  const auto parsed = parse_numbered_name(path.filename().string());
  if (!parsed || fs::exists(path, unreadable)) return path.stem().string();
  std::string before = parsed->before;
  while (!before.empty() && "_-. "sv.find(before.back()) != std::string_view::npos) before.pop_back();
  const std::string folder = fs::absolute(path).lexically_normal().parent_path().filename().string();
  return before.empty() ? (folder.empty() ? "pictures" : folder) : before;
}

}  // namespace dreamreel::settings
