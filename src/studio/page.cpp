#include "page.h"

#include <embedded_page.h>

namespace dreamreel::studio {

std::optional<PageFile> page_file(const std::string& path) {
  if (path == "/" && !kIndexHtml.empty()) return PageFile{kIndexHtml, "text/html; charset=utf-8"};
  if (path == "/studio.js" && !kStudioJs.empty())
    return PageFile{kStudioJs, "text/javascript; charset=utf-8"};
  if (path == "/studio.css" && !kStudioCss.empty()) return PageFile{kStudioCss, "text/css; charset=utf-8"};
  return {};
}

std::string why_no_page() {
  if (!kIndexHtml.empty()) return "";
  return "this program was built without the studio's page, because npm was not there; install npm and build "
         "again "
         "(docs/studio.md), or use the API alone";
}

}  // namespace dreamreel::studio
