#include "dreamreel/core/blob_cache.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/list_folder.h"
#include "dreamreel/core/log.h"

namespace dreamreel {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMagic{"dreamreel cache\0", 16};

// FNV-1a, 64 bits.
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

std::optional<std::string> content_of(const std::string& file, const std::string& key) {
  if (!file.starts_with(kMagic) || file.size() < kMagic.size() + sizeof(std::uint64_t)) return {};
  const std::string_view checked(file.data(), file.size() - sizeof(std::uint64_t));
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, file.data() + checked.size(), sizeof(checksum));
  if (checksum != hash_of(checked)) return {};
  BlobReader reader(checked.substr(kMagic.size()));
  std::string stored_key;
  if (!reader.take_all(stored_key) || stored_key != key) return {};
  return std::string(checked.substr(kMagic.size() + sizeof(std::uint64_t) + key.size()));
}

}  // namespace

BlobCache::BlobCache(fs::path folder, std::string extension, std::size_t most)
    : folder_(std::move(folder)), extension_(std::move(extension)), most_(most) {}

fs::path BlobCache::file_of(const std::string& key) const {
  std::array<char, 17> name{};
  std::snprintf(name.data(), name.size(), "%016llx", static_cast<unsigned long long>(hash_of(key)));
  return folder_ / (std::string(name.data()) + extension_);
}

std::optional<std::string> BlobCache::find(const std::string& key) const {
  const fs::path file = file_of(key);
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  auto content = content_of(bytes, key);
  if (!content) log_debug(file.string() + " is damaged or of another key; it is made anew");
  return content;
}

void BlobCache::store(const std::string& key, std::string_view content) const {
  BlobWriter file;
  for (const char byte : kMagic) file.put(byte);
  file.put_all(key);
  std::string bytes = file.bytes();
  bytes += content;
  const std::uint64_t checksum = hash_of(bytes);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
  try {
    write_file_atomically(file_of(key), bytes);
    remove_oldest();
  } catch (const std::exception& error) {
    log_debug(std::string("not kept for the next time: ") + error.what());
  }
}

// Whether this cache made the file. Other files in the folder must not be removed.
bool BlobCache::is_ours(const fs::path& path) const {
  const std::string stem = path.stem().string();
  return path.extension() == extension_ && stem.size() == 16 &&
         stem.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void BlobCache::remove_oldest() const {
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::error_code failed;
  for (const auto& path : list_folder(folder_))
    if (is_ours(path)) files.emplace_back(fs::last_write_time(path, failed), path);
  if (files.size() <= most_) return;
  std::ranges::sort(files);
  for (const auto& [time, path] : std::span(files).first(files.size() - most_)) fs::remove(path, failed);
}

std::string facts_of_file(const fs::path& path) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  if (failed) return "";
  const auto size = fs::file_size(real, failed);
  if (failed) return "";
  const auto changed = fs::last_write_time(real, failed).time_since_epoch().count();
  if (failed) return "";
  return fmt::format("path {}\nsize {}\nchanged {}\n", real.string(), size, changed);
}

}  // namespace dreamreel
