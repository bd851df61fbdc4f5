// A filter text as libavfilter reads it, but without creating a filter: which filters, with which options,
// between which labels. Tokens are taken by libavutil's own functions, the ones that libavfilter uses, so
// that quotes, backslashes and spaces mean the same. What libavfilter reads differently from version to
// version is refused.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace dreamreel::media {

/// One filter of a text.
struct FilterCall {
  std::string name;
  std::string arguments;             ///< as libavfilter gives them to the filter; "" for none
  std::vector<std::string> inputs;   ///< labels before it
  std::vector<std::string> outputs;  ///< labels behind it
  bool ends_chain = false;           ///< a ';' or the end of the text follows
};

struct FilterText {
  std::string scaler_flags;  ///< of a leading "sws_flags=...;", "" for none
  std::vector<FilterCall> calls;
};

/// Throws JobError for a text that cannot be read, is too long, or has too many filters.
FilterText parse_filter_text(const std::string& text);

}  // namespace dreamreel::media
