// Makes text from outside (a name, a value, a tag) safe to show. On a terminal, such text could move the
// cursor. In lines that programs read, its line break could begin a forged line.
#pragma once

#include <string>
#include <string_view>

namespace dreamreel {

/// `text` on one line. Characters that would move the cursor, and bytes that are no UTF-8, become "\n",
/// "\x1b", "\u202e" and the like. Everything else is unchanged, including backslashes.
std::string printable(std::string_view text);

/// The same, but line breaks and tabs stay.
std::string printable_lines(std::string_view text);

/// Whether the text has a character below space, or DEL: a line break, a tab, an escape.
bool has_control_characters(std::string_view text);

/// Whether the bytes are UTF-8 (RFC 3629). Names of files need not be.
bool is_utf8(std::string_view text);

}  // namespace dreamreel
