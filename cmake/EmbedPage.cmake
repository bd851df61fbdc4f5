# Writes a page as a C++ header: a script for `cmake -P`.
#
#   PAGE    share/pages/NAME.html
#   OUTPUT  the header, with the constant kNamePage
cmake_minimum_required(VERSION 3.25)

get_filename_component(name ${PAGE} NAME_WE)
string(SUBSTRING ${name} 0 1 first)
string(SUBSTRING ${name} 1 -1 rest)
string(TOUPPER ${first} first)
file(READ ${PAGE} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
set(constant k${first}${rest}Page)
file(WRITE ${OUTPUT} "// Made by cmake/EmbedPage.cmake.
#pragma once

#include <string_view>

namespace dreamreel {

inline constexpr char ${constant}Bytes[] = {\n${bytes}};
inline constexpr std::string_view ${constant}(${constant}Bytes, sizeof ${constant}Bytes);

}  // namespace dreamreel
")
