// Pages in HTML out of a template. The templates are files in share/pages.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace dreamreel {

/// `text` for HTML: & < > and " become references.
std::string escape_html(std::string_view text);

/// Puts each part in place of {{name}}. A part may itself contain {{...}}, which stays as it is. Throws
/// std::out_of_range if the page names a part that is not there.
std::string fill_page(std::string_view page, const std::map<std::string, std::string, std::less<>>& parts);

}  // namespace dreamreel
