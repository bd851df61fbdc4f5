// Keeps results that took long on disk between runs. Losing them costs only time, so no failure here is an
// error. Any thread, any number of processes.
//
// A blob is a file HASH.EXTENSION, where HASH is computed from its key (16 hexadecimal digits). The file
// contains "dreamreel cache", a NUL, the key's length (8 bytes) and text, the content, and a checksum (8
// bytes) of everything before it. Numbers are little-endian, as in memory. A file of a machine with another
// byte order fails its checksum or its key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace dreamreel {

class BlobCache {
 public:
  /// `extension` begins with a dot. Of the files with this extension, `folder` keeps at most the latest
  /// `most`.
  BlobCache(std::filesystem::path folder, std::string extension, std::size_t most);

  /// The content stored for `key`; nullopt if there is none, or if the file is damaged.
  std::optional<std::string> find(const std::string& key) const;
  /// Stores `content` for `key`. Failures are logged at level debug.
  void store(const std::string& key, std::string_view content) const;

 private:
  std::filesystem::path file_of(const std::string& key) const;
  bool is_ours(const std::filesystem::path& path) const;
  void remove_oldest() const;

  std::filesystem::path folder_;
  std::string extension_;
  std::size_t most_;
};

/// Lines with the file's path, size and time of change, which differ whenever the file changes. "" if they
/// cannot be read.
std::string facts_of_file(const std::filesystem::path& path);

/// Converts numbers and lists of numbers to bytes, and back.
class BlobWriter {
 public:
  template <typename T>
  void put(const T& value);
  template <typename Sequence>
  void put_all(const Sequence& values);  ///< a list with its length
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class BlobReader {
 public:
  explicit BlobReader(std::string_view bytes) : left_(bytes) {}
  /// False if the bytes end too early; `value` is unchanged then.
  template <typename T>
  bool take(T& value);
  template <typename Sequence>
  bool take_all(Sequence& values);
  bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

template <typename T>
void BlobWriter::put(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

template <typename Sequence>
void BlobWriter::put_all(const Sequence& values) {
  put(static_cast<std::uint64_t>(values.size()));
  bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(*values.data()));
}

template <typename T>
bool BlobReader::take(T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (left_.size() < sizeof(T)) return false;
  std::memcpy(&value, left_.data(), sizeof(T));
  left_.remove_prefix(sizeof(T));
  return true;
}

template <typename Sequence>
bool BlobReader::take_all(Sequence& values) {
  using Item = typename Sequence::value_type;
  std::uint64_t count = 0;
  if (!take(count) || count > left_.size() / sizeof(Item)) return false;
  values.resize(count);
  if (count > 0) std::memcpy(values.data(), left_.data(), count * sizeof(Item));
  left_.remove_prefix(count * sizeof(Item));
  return true;
}

}  // namespace dreamreel
