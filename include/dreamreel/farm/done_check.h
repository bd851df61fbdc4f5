// Whether a chunk is done, told from its done file without loading a network, LibTorch or FFmpeg: a farm asks this often,
// and their start alone takes half a second. Includes core only, and no other source of this module.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace dreamreel::farm {

/// "chunk-3.done.json" in a work folder.
std::filesystem::path done_file_in(const std::filesystem::path& work, std::size_t chunk);

/// What a done file holds: which plan and chunk, and its parts with their checksums, which are computed here. `parts`
/// may be empty: then only run_chunk() can tell whether they are still whole. Throws InputError if a part cannot be read.
std::string done_file_text(const std::filesystem::path& plan, const std::string& plan_id, std::size_t chunk,
                           std::int64_t frames, const std::vector<std::filesystem::path>& parts);

/// Whether the chunk of exactly this plan file is done in this work folder and every part is still what it was. False
/// wherever there is any doubt; never throws.
bool is_surely_done(const std::filesystem::path& plan, const std::filesystem::path& work,
                    std::size_t chunk) noexcept;

}  // namespace dreamreel::farm
