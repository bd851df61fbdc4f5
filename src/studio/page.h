// The page's files, which the build embeds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dreamreel::studio {

struct PageFile {
  std::string_view content;
  const char* type = "";  ///< of HTTP
};

/// The file at a path of the address, "/" being the page itself; nullopt where there is none.
std::optional<PageFile> page_file(const std::string& path);
/// "" where the program was built with the page, else how to get it.
std::string why_no_page();

}  // namespace dreamreel::studio
