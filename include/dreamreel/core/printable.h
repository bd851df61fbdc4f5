// Text from outside (a name, a value, a tag) made fit to be shown: on a terminal, where it could steer the
// cursor, and in lines that programs read, where a line break could begin a line that nobody wrote.
#pragma once

#include <string>
#include <string_view>

namespace dreamreel {

/// `text` on one line. What would move the cursor or is no UTF-8 stands there as "\n", "\x1b", "\u202e" and
/// the like; everything else is left as it is, backslashes included.
std::string printable(std::string_view text);

/// The same, but line breaks and tabs stay.
std::string printable_lines(std::string_view text);

/// Whether any character below space, or DEL, is in it: a line break, a tab, an escape.
bool has_control_characters(std::string_view text);

/// Whether the bytes are UTF-8 (RFC 3629). Names of files need not be.
bool is_utf8(std::string_view text);

}  // namespace dreamreel
