// The memory that a person allows this process to take (--memory). Code that reads headers from outside uses
// it to refuse a picture that cannot fit before decoding it. Set once, while there is one thread.
#pragma once

#include <cstdint>
#include <optional>

namespace dreamreel {

void set_memory_limit(std::int64_t bytes);

/// In bytes; nullopt if no limit was given.
std::optional<std::int64_t> memory_limit();

}  // namespace dreamreel
