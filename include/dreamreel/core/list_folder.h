// Lists a folder that others may change meanwhile.
#pragma once

#include <filesystem>
#include <vector>

namespace dreamreel {

/// The paths of everything directly in `folder`, each beginning with `folder`, in no particular order. The list
/// is empty if the folder cannot be read. It ends early where a network file system fails in the middle. Throws
/// nothing of the file system's.
std::vector<std::filesystem::path> list_folder(const std::filesystem::path& folder);

/// The regular files among them. A symbolic link is none: it belongs to the person who made it.
std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder);

}  // namespace dreamreel
