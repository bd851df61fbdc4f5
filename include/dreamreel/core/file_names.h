// Makes names for files that people never see. Two machines, or two processes, never choose the same name,
// and a name always fits into its folder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace dreamreel {

/// This machine's name as one word of letters, digits and underscores, for file names and messages.
std::string host_name();

/// Eight random letters and digits from the kernel; a new word at every call.
std::string random_word();

/// The longest file name, in bytes, that `folder` (or the nearest folder above it that exists) takes.
std::size_t longest_name(const std::filesystem::path& folder);

/// `name` if it has at most `most` bytes. Otherwise the start of `name`, a checksum of the whole name, and
/// its extension. So different names stay different, and the extension still tells the kind of file.
std::string shortened_name(const std::string& name, std::size_t most);

/// `path` with `suffix` behind its file name ("clip.mp4.work"). The name is shortened if the folder takes no
/// longer name.
std::filesystem::path with_suffix(const std::filesystem::path& path, std::string_view suffix);

}  // namespace dreamreel
