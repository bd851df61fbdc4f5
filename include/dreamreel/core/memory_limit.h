// What a person allows this process to take (--memory), for code that reads headers from outside: a picture
// that cannot fit is refused before it is decoded. Set once, while there is one thread.
#pragma once

#include <cstdint>
#include <optional>

namespace dreamreel {

void set_memory_limit(std::int64_t bytes);

/// nullopt if none was given.
std::optional<std::int64_t> memory_limit();

}  // namespace dreamreel
