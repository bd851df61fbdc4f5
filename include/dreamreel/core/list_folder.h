// Lists folders that others may change meanwhile. A list is complete before anything is done with it, because
// removing files may disturb the listing.
#pragma once

#include <filesystem>
#include <system_error>
#include <vector>

namespace dreamreel {

/// The paths of everything directly in `folder`, each beginning with `folder`, in no particular order. The
/// list is empty if the folder cannot be read. It ends early where going on fails, as it may on a network
/// file system. For callers that do what they can.
std::vector<std::filesystem::path> list_folder(const std::filesystem::path& folder);

/// The same, with what the folder says of each entry. Asking an entry for its type then takes no access of
/// its own, which matters for thousands of files on a network file system.
std::vector<std::filesystem::directory_entry> list_entries(const std::filesystem::path& folder);

/// The regular files among them; none if there is no such folder. A symbolic link is left out, because it
/// belongs to the person who made it. Throws IoError "cannot list FOLDER: REASON", so that no file is missed.
std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder);
/// The same, but sets `failed` instead, and returns the files up to there.
std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder, std::error_code& failed);

}  // namespace dreamreel
