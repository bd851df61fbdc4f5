// Analyses kept on disk: one file each, named by a hash of what was analysed.
//
//   "dreamreel sound" NUL, then the key (what was analysed, as text), the analysis, and a checksum of all before it.
//   Numbers are little-endian as in memory; a file from a foreign machine fails its checksum or its key.
#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <system_error>
#include <type_traits>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/media/sound_analysis.h"

namespace dreamreel::media {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 5;  // of the analysis and of the file: raise it when either changes
constexpr std::string_view kMagic{"dreamreel sound\0", 16};

// FNV-1a, 64 bits.
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

// Everything that the analysis depends on; "" where the file's facts cannot be had.
std::string key_of(const SoundRange& range) {
  std::error_code failed;
  const fs::path path = fs::canonical(range.path, failed);
  if (failed) return "";
  const auto size = fs::file_size(path, failed);
  if (failed) return "";
  const auto changed = fs::last_write_time(path, failed).time_since_epoch().count();
  if (failed) return "";
  std::array<char, 64> start{};
  std::snprintf(start.data(), start.size(), "%a", range.start_seconds);
  return "version " + std::to_string(kVersion) + "\npath " + path.string() + "\nsize " +
         std::to_string(size) + "\nchanged " + std::to_string(changed) + "\nstart " + start.data() +
         "\nrate " + std::to_string(range.frame_rate.num) + "/" + std::to_string(range.frame_rate.den) +
         "\nframes " + (range.frame_count ? std::to_string(*range.frame_count) : "all") + "\n";
}

template <typename T>
void put(std::string& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

template <typename Sequence>
void put_all(std::string& out, const Sequence& values) {
  put(out, static_cast<std::uint64_t>(values.size()));
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(*values.data()));
}

std::string serialised(const std::string& key, const SoundAnalysis& analysis) {
  std::string out(kMagic);
  put_all(out, key);
  put_all(out, analysis.levels);
  put_all(out, analysis.peaks);
  put_all(out, analysis.beats);
  put(out, analysis.tempo_bpm);
  put(out, hash_of(out));
  return out;
}

// Reads what serialised() wrote; every take fails once one has run past the end.
class Parser {
 public:
  explicit Parser(std::string_view bytes) : left_(bytes) {}

  template <typename T>
  bool take(T& value) {
    if (left_.size() < sizeof(T)) return false;
    std::memcpy(&value, left_.data(), sizeof(T));
    left_.remove_prefix(sizeof(T));
    return true;
  }

  template <typename Sequence>
  bool take_all(Sequence& values) {
    using Item = typename Sequence::value_type;
    std::uint64_t count = 0;
    if (!take(count) || count > left_.size() / sizeof(Item)) return false;
    values.resize(count);
    if (count > 0) std::memcpy(values.data(), left_.data(), count * sizeof(Item));
    left_.remove_prefix(count * sizeof(Item));
    return true;
  }

  bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

std::optional<SoundAnalysis> parsed(const std::string& bytes, const std::string& key) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + sizeof(std::uint64_t)) return {};
  const std::string_view content(bytes.data(), bytes.size() - sizeof(std::uint64_t));
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + content.size(), sizeof(checksum));
  if (checksum != hash_of(content)) return {};
  Parser parser(content.substr(kMagic.size()));
  std::string stored_key;
  SoundAnalysis analysis;
  const bool whole = parser.take_all(stored_key) && stored_key == key && parser.take_all(analysis.levels) &&
                     parser.take_all(analysis.peaks) && parser.take_all(analysis.beats) &&
                     parser.take(analysis.tempo_bpm) && parser.at_end();
  if (!whole || analysis.peaks.size() != analysis.levels.size()) return {};
  return analysis;
}

std::optional<SoundAnalysis> stored(const fs::path& file, const std::string& key) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  auto analysis = parsed(bytes, key);
  if (!analysis) log_debug(file.string() + " is no analysis of this sound; it is made anew");
  return analysis;
}

// "0123456789abcdef.sound": what else lies there is not ours to remove.
bool is_cached_sound(const fs::path& path) {
  const std::string stem = path.stem().string();
  return path.extension() == ".sound" && stem.size() == 16 &&
         stem.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void remove_oldest(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (is_cached_sound(entry.path())) files.emplace_back(entry.last_write_time(failed), entry.path());
  if (files.size() <= kCachedSounds) return;
  std::ranges::sort(files);
  for (const auto& [time, path] : std::span(files).first(files.size() - kCachedSounds))
    fs::remove(path, failed);
}

void store(const fs::path& file, const std::string& bytes) {
  try {
    write_file_atomically(file, bytes);
    remove_oldest(file.parent_path());
  } catch (const std::exception& error) {  // the analysis is there; it will be made again next time
    log_debug(std::string("the analysis of the sound is not kept: ") + error.what());
  }
}

}  // namespace

SoundAnalysis cached_sound(const SoundRange& range, const fs::path& folder) {
  const std::string key = key_of(range);
  if (key.empty()) return analyse_sound(range);
  std::array<char, 17> name{};
  std::snprintf(name.data(), name.size(), "%016llx", static_cast<unsigned long long>(hash_of(key)));
  const fs::path file = folder / (std::string(name.data()) + ".sound");
  if (auto analysis = stored(file, key)) return *std::move(analysis);
  auto analysis = analyse_sound(range);
  store(file, serialised(key, analysis));
  return analysis;
}

}  // namespace dreamreel::media
