// The line of text that is stored with a dreamed frame: what the dreamer has to know besides the pictures, and whether the
// frame was held.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace dreamreel::work {

/// `note`, which has no ';', with the number of the frame whose dream a held frame shows (temporal.hold).
std::string with_drawing(const std::string& note, std::int64_t drawn);
/// That number; nullopt for a frame that was dreamed itself.
std::optional<std::int64_t> drawing_in(const std::string& note);
std::string without_drawing(const std::string& note);

}  // namespace dreamreel::work
