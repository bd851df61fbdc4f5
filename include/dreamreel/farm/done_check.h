// Tells from the done file whether a chunk is done. A farm asks this often, so it must not load a network,
// LibTorch or FFmpeg, whose start alone takes half a second. Includes core only, and no other source of this
// module.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::farm {

/// "chunk-3.done.json" in a work folder.
std::filesystem::path done_file_in(const std::filesystem::path& work, std::size_t chunk);

/// The content of a done file: its plan and chunk, and the chunk's parts with their checksums, which are
/// computed here. If `parts` is empty, only run_chunk() can tell whether the parts are still whole. Throws
/// InputError if a part cannot be read.
std::string done_file_text(const std::filesystem::path& plan, const std::string& plan_id, std::size_t chunk,
                           std::int64_t frames, const std::vector<std::filesystem::path>& parts);

/// Whether the chunk of exactly this plan file is done in this work folder, and every part still has its
/// checksum. False in any doubt; never throws.
bool is_surely_done(const std::filesystem::path& plan, const std::filesystem::path& work,
                    std::size_t chunk) noexcept;

}  // namespace dreamreel::farm
