// Reads files that others wrote. Only regular files are opened, because opening a pipe would wait, and a
// device such as /dev/zero never ends. Every read has a limit.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dreamreel {

/// The reason why `path` is not a readable file ("No such file or directory", "it is a folder", "it is a pipe
/// or a device, not a file"); "" if it is one. Follows symbolic links, opens nothing.
std::string why_not_a_file(const std::filesystem::path& path);

/// The beginning of a file, at most `most` bytes. If nothing can be read, `text` is nullopt, and `why` has
/// the reason.
struct Beginning {
  std::optional<std::string> text;
  std::string why;
};
Beginning read_beginning(const std::filesystem::path& path, std::size_t most);

/// The whole file. Throws InputError "cannot read PATH: ..." if it cannot be read or is larger than `most`
/// bytes.
std::string read_whole(const std::filesystem::path& path, std::size_t most);

/// The limits of a stranger's JSON file, which are checked before it is parsed.
inline constexpr std::size_t kMostJsonBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMostJsonValues = 1'000'000;
inline constexpr std::size_t kMostJsonLevels = 32;

/// Counts brackets and commas outside strings, without building anything. Throws DataError if `json` has more
/// values or levels than the limits above. Does not check whether the text is JSON.
void expect_small_json(std::string_view json);

}  // namespace dreamreel
