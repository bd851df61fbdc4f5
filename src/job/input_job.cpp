#include "dreamreel/job/input_job.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>
#include <system_error>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/core/number_pattern.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/core/printable.h"
#include "words.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr std::size_t kBeginning = 4096;         // bytes that tell a text from everything else
constexpr std::size_t kMostEntries = 1'000'000;  // of a folder

constexpr std::array kJobEndings{".yaml"sv, ".yml"sv, ".json"sv};
constexpr std::array kVideoEndings{".mp4"sv,  ".mov"sv, ".m4v"sv, ".mkv"sv,  ".webm"sv, ".avi"sv, ".mpg"sv,
                                   ".mpeg"sv, ".ts"sv,  ".mts"sv, ".m2ts"sv, ".mxf"sv,  ".wmv"sv, ".flv"sv,
                                   ".3gp"sv,  ".ogv"sv, ".vob"sv, ".dv"sv,   ".y4m"sv,  ".svg"sv, ".m3u8"sv};

template <std::size_t N>
bool is_one_of(const std::string& ending, const std::array<std::string_view, N>& endings) {
  return std::ranges::find(endings, ending) != endings.end();
}

// Control characters that no text has; UTF-16, which has zero bytes, begins with its mark.
bool is_text(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE"sv) || bytes.starts_with("\xFE\xFF"sv)) return true;
  return std::ranges::none_of(bytes, [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\x1b';
  });
}

bool is_animated_webp(std::string_view bytes) {
  return bytes.size() > 20 && bytes.substr(12, 4) == "VP8X" &&
         (static_cast<unsigned char>(bytes[20]) & 2U) != 0;
}

// "shot0007.png" is number 7, in four digits, of "shot%04d.png".
struct Numbered {
  std::string before, digits, after;
};

std::string escaped(const std::string& text) {
  std::string twice;
  for (const char c : text) twice += c == '%' ? "%%" : std::string(1, c);
  return twice;
}

std::optional<Numbered> numbered(const fs::path& file) {
  constexpr std::size_t kMostDigits = 18;
  const std::string name = file.filename().string();
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  const auto stem = name.size() - file.extension().string().size();
  std::size_t end = stem;
  while (end > 0 && !is_digit(static_cast<unsigned char>(name[end - 1]))) --end;
  std::size_t begin = end;
  while (begin > 0 && is_digit(static_cast<unsigned char>(name[begin - 1]))) --begin;
  if (begin == end || end - begin > kMostDigits) return {};
  return Numbered{name.substr(0, begin), name.substr(begin, end - begin), name.substr(end)};
}

// Pictures whose names differ in their number alone.
struct Series {
  std::size_t count = 0, shortest = 18;
  bool has_zeros = false;

  void add(const std::string& digits) {
    ++count;
    shortest = std::min(shortest, digits.size());
    has_zeros = has_zeros || (digits.size() > 1 && digits.starts_with('0'));
  }
  std::string number() const { return has_zeros ? fmt::format("%0{}d", shortest) : std::string("%d"); }
};

struct Folder {
  std::map<std::pair<std::string, std::string>, Series> series;
  std::size_t pictures = 0;
};

Folder look_into(const fs::path& path) {
  Folder folder;
  std::error_code failed;
  std::size_t count = 0;
  for (fs::directory_iterator entry(path, failed), end; !failed && entry != end && ++count < kMostEntries;
       entry.increment(failed)) {
    const fs::path file = entry->path();
    if (!has_picture_ending(file) || file.filename().string().starts_with('.')) continue;
    ++folder.pictures;
    if (const auto name = numbered(file)) folder.series[{name->before, name->after}].add(name->digits);
  }
  if (failed) throw InputError(fmt::format("cannot read the folder {}: {}", path.string(), failed.message()));
  return folder;
}

std::string pattern_of(const std::pair<const std::pair<std::string, std::string>, Series>& one) {
  return escaped(one.first.first) + one.second.number() + escaped(one.first.second);
}

[[noreturn]] void refuse_folder(const fs::path& path, const Folder& folder) {
  std::string what = folder.pictures == 0 ? "no pictures" : "pictures that are not numbered";
  if (folder.series.size() > 1) {
    constexpr std::size_t kMostNames = 5;
    what = "pictures of several numberings (";
    std::size_t told = 0;
    for (const auto& one : folder.series)
      if (++told <= kMostNames) what += (told > 1 ? ", " : "") + pattern_of(one);
    what += told > kMostNames ? ", ...)" : ")";
  }
  throw InputError(
      fmt::format("{}: expected pictures of one numbering such as 0001.png, 0002.png, got a folder with {}{}",
                  path.string(), what,
                  folder.series.size() > 1
                      ? "; name one of them, e.g. " + (path / pattern_of(*folder.series.begin())).string()
                      : "; name one picture or clip"));
}

std::string rate_text(const Rational& rate) {
  return std::to_string(rate.num) + (rate.den == 1 ? "" : "/" + std::to_string(rate.den));
}

std::string line_of_look(const std::string& look) {
  return look.empty() ? "" : "look: " + as_yaml(look) + "\n";
}

}  // namespace

bool is_input(const fs::path& path) {
  std::error_code unreadable;
  const std::string ending = ending_of(path);
  if (fs::is_directory(path, unreadable)) return true;
  if (is_one_of(ending, kJobEndings)) return false;
  if (has_picture_ending(path) || is_one_of(ending, kVideoEndings)) return true;
  const auto beginning = read_beginning(path, kBeginning).text;
  return beginning && !is_text(*beginning);
}

bool is_still(const fs::path& path) {
  const auto beginning = read_beginning(path, kBeginning).text;
  if (!beginning) return false;
  const std::string_view bytes = *beginning;
  if (bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return !is_animated_webp(bytes);
  if (bytes.starts_with("\x89PNG")) return bytes.find("acTL") == std::string_view::npos;  // else an APNG
  if (bytes.size() > 12 && bytes.substr(4, 4) == "ftyp")
    return bytes.substr(8, 4) == "heic" || bytes.substr(8, 4) == "avif" || bytes.substr(8, 4) == "mif1";
  if (bytes.starts_with("GIF8")) return false;
  constexpr std::array kMarks{"\xFF\xD8\xFF"sv, "II*\0"sv, "MM\0*"sv, "BM"sv,      "v/1\x01"sv,
                              "SDPX"sv,         "XPDS"sv,  "qoif"sv,  "\xFF\x0A"sv};
  if (std::ranges::any_of(kMarks, [&](std::string_view mark) { return bytes.starts_with(mark); }))
    return true;
  return has_picture_ending(path);
}

fs::path input_path_of(const fs::path& path) {
  std::error_code unreadable;
  if (!fs::is_directory(path, unreadable)) return with_printf_number(path);
  const Folder folder = look_into(path);
  // One number among other pictures is a name like any other.
  const bool is_one_of_many =
      folder.series.size() == 1 && folder.series.begin()->second.count == 1 && folder.pictures > 1;
  if (folder.series.size() != 1 || is_one_of_many) refuse_folder(path, folder);
  return path / pattern_of(*folder.series.begin());
}

std::string output_name_of(const fs::path& input, const std::string& suffix) {
  const std::string name =
      fmt::format("{}_{}{}", name_without_number(input), suffix, is_still(input) ? ".png" : ".mp4");
  return parse_numbered_name(name) ? escaped(name) : name;
}

std::string smallest_job(const fs::path& input, const fs::path& output, const std::string& look) {
  return "extends: base\n" + line_of_look(look) + "input: {path: " + as_yaml(input.string()) +
         "}\noutput: {path: " + as_yaml(output.string()) + "}\n";
}

std::string noise_job(const NoiseInput& noise, const fs::path& song, const fs::path& output,
                      const std::string& look) {
  const std::string size = std::to_string(noise.width) + "x" + std::to_string(noise.height);
  std::string text = "extends: infinite_zoom\n" + line_of_look(look) + "input:\n  noise: {size: " + size +
                     ", fps: " + rate_text(noise.fps) + ", duration: " + to_string(noise.duration) + "}\n";
  if (!song.empty()) text += "  audio: " + as_yaml(song.string()) + "\n";
  text += "output: {path: " + as_yaml(output.string()) + "}\n";
  if (song.empty())
    return text +
           "camera:\n"
           "  zoom: 1.3 # times larger after each second\n"
           "  rotate: 4 # degrees a second\n";
  return text +
         "camera:\n"
         "  zoom: \"1.15 + 1.2*beat\" # every beat pushes the dream outwards\n"
         "  rotate: 4 # degrees a second\n"
         "temporal:\n"
         "  step: \"0.7 + 0.8*bass\" # the bass makes it grow\n";
}

}  // namespace dreamreel::job
