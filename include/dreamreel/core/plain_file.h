// Reading files that others wrote. Only regular files are opened: a pipe would be waited for, and a device
// such as /dev/zero never ends. What is read has a limit.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dreamreel {

/// Why `path` is no file to read ("No such file or directory", "it is a folder", "it is a pipe or a device,
/// not a file"); "" if it is one. Follows symbolic links, opens nothing.
std::string why_not_a_file(const std::filesystem::path& path);

/// A file's beginning, at most `most` bytes. `text` is nullopt where nothing can be read, and `why` says the
/// reason.
struct Beginning {
  std::optional<std::string> text;
  std::string why;
};
Beginning read_beginning(const std::filesystem::path& path, std::size_t most);

/// The whole file. Throws InputError "cannot read PATH: ..." where it cannot be read or is larger than `most`
/// bytes.
std::string read_whole(const std::filesystem::path& path, std::size_t most);

/// What a JSON file of another's may cost before it is parsed.
inline constexpr std::size_t kMostJsonBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMostJsonValues = 1'000'000;
inline constexpr std::size_t kMostJsonLevels = 32;

/// Counts brackets and commas outside strings, without building anything. Throws DataError where `json` has
/// more values or levels than above. Says nothing about whether it is JSON.
void expect_small_json(std::string_view json);

}  // namespace dreamreel
