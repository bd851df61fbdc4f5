// Bytes as text, for the pictures inside a page.
#pragma once

#include <string>
#include <string_view>

namespace dreamreel {

/// Base64 as in RFC 4648, section 4: padded, without line breaks. `bytes` are fewer than 2^31.
std::string base64(std::string_view bytes);

}  // namespace dreamreel
