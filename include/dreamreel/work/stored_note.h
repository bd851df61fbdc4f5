// The line of text that is stored with a dreamed frame. It holds what the dreamer needs to know beside the
// pictures, and whether the frame was held.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace dreamreel::work {

/// Adds the number of the frame whose dream a held frame shows (temporal.hold) to `note`, which must not
/// contain ';'.
std::string with_drawing(const std::string& note, std::int64_t drawn);
/// The number in a note; nullopt if the frame was dreamed itself.
std::optional<std::int64_t> drawing_in(const std::string& note);
std::string without_drawing(const std::string& note);

}  // namespace dreamreel::work
