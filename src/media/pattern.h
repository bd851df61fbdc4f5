// Numbered pictures: "frames/%06d.png".
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dreamreel::media {

/// A file name with exactly one printf number: %d, %4d, %06d ("%%" stands for a percent sign).
class NumberPattern {
 public:
  /// nullopt if the file name of `path` holds no such number.
  static std::optional<NumberPattern> parse(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  /// The same with percent signs of the folder doubled, for libav's image2, which looks for numbers in the
  /// whole path.
  std::filesystem::path url_path() const;
  /// The file of one number (>= 0).
  std::filesystem::path file(std::int64_t number) const;
  /// The numbers of the files that exist, rising.
  std::vector<std::int64_t> numbers() const;
  /// Whether a file name, without its folder, is one of the pattern's.
  bool matches(const std::string& name) const { return number_of(name).has_value(); }

 private:
  std::optional<std::int64_t> number_of(const std::string& name) const;

  std::filesystem::path path_;
  std::string before_, after_;  ///< parts of the file name around the number
  std::size_t digits_ = 1;      ///< least number of digits, filled with zeros (or spaces, which nobody uses)
};

}  // namespace dreamreel::media
