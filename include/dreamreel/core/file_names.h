// Names of files that people never see, made so that two machines, or two processes, never choose the same
// one, and so that a name always fits into a folder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace dreamreel {

/// This machine's name as one word of letters, digits and underscores, for file names and messages.
std::string host_name();

/// Eight random letters and digits from the kernel, another word at every call.
std::string random_word();

/// The longest file name, in bytes, that `folder` (or the nearest folder above it that exists) takes.
std::size_t longest_name(const std::filesystem::path& folder);

/// `name` if it has at most `most` bytes. Otherwise its start, a checksum of the whole name, and its
/// extension: names that differ stay different, and the extension still says what the file is.
std::string shortened_name(const std::string& name, std::size_t most);

/// `path` with `suffix` behind its file name ("clip.mp4.work"), the name shortened where the folder takes no
/// longer one.
std::filesystem::path with_suffix(const std::filesystem::path& path, std::string_view suffix);

}  // namespace dreamreel
