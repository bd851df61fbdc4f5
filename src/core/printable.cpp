#include "dreamreel/core/printable.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace dreamreel {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: the bytes here are not UTF-8
};

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The first character of `text`, which must not be empty.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  std::uint32_t code = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!is_continuation(text[i])) return {};
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < kLeast[bytes] || is_surrogate || code > 0x10FFFF ? Character{} : Character{code, bytes};
}

// Control characters, line ends, and characters that change the direction of the text behind them.
bool is_hidden(std::uint32_t code) {
  constexpr std::array<std::array<std::uint32_t, 2>, 6> kRanges{
      {{0, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}}};
  return std::ranges::any_of(kRanges,
                             [&](const auto& range) { return code >= range[0] && code <= range[1]; });
}

void append_visible(std::string& text, std::uint32_t code) {
  if (code == '\n') {
    text += "\\n";
  } else if (code == '\r') {
    text += "\\r";
  } else if (code == '\t') {
    text += "\\t";
  } else {
    std::array<char, 16> buffer{};
    std::snprintf(buffer.data(), buffer.size(), code < 0x100 ? "\\x%02x" : "\\u%04x", code);
    text += buffer.data();
  }
}

std::string made_visible(std::string_view text, std::string_view kept) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto [code, bytes] = first_character(text);
    const std::size_t length = std::max<std::size_t>(bytes, 1);
    if (bytes == 0)
      append_visible(result, static_cast<unsigned char>(text[0]));
    else if (is_hidden(code) && kept.find(text[0]) == std::string_view::npos)
      append_visible(result, code);
    else
      result += text.substr(0, length);
    text.remove_prefix(length);
  }
  return result;
}

}  // namespace

std::string printable(std::string_view text) {
  return made_visible(text, "");
}

std::string printable_lines(std::string_view text) {
  return made_visible(text, "\n\t");
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = first_character(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace dreamreel
