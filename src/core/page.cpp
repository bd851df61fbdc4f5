#include "dreamreel/core/page.h"

#include <stdexcept>

namespace dreamreel {

std::string escape_html(std::string_view text) {
  std::string safe;
  for (const char c : text) switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  return safe;
}

std::string fill_page(std::string_view page, const std::map<std::string, std::string, std::less<>>& parts) {
  std::string filled;
  for (auto open = page.find("{{"); open != std::string_view::npos; open = page.find("{{")) {
    const auto close = page.find("}}", open);
    const bool is_closed = close != std::string_view::npos;
    const auto name = page.substr(open + 2, is_closed ? close - open - 2 : close);
    const auto part = parts.find(name);
    if (!is_closed || part == parts.end())
      throw std::out_of_range("a page asks for " + std::string(name.substr(0, 40)));
    filled.append(page.substr(0, open)).append(part->second);
    page.remove_prefix(close + 2);
  }
  return filled.append(page);
}

}  // namespace dreamreel
