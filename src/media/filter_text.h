// Parses a filter text as libavfilter does, but creates no filter: finds the filters, their options and their
// labels. Tokens are read by the functions of libavutil that libavfilter uses, so quotes, backslashes and
// spaces mean the same. Texts that versions of libavfilter read differently are refused.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace dreamreel::media {

/// One filter of a text.
struct FilterCall {
  std::string name;
  std::string arguments;             ///< in the form that libavfilter gives to the filter; "" for none
  std::vector<std::string> inputs;   ///< labels before it
  std::vector<std::string> outputs;  ///< labels behind it
  bool ends_chain = false;           ///< a ';' or the end of the text follows
};

struct FilterText {
  std::string scaler_flags;  ///< from a leading "sws_flags=...;"; "" for none
  std::vector<FilterCall> calls;
};

/// Throws JobError for a text that cannot be read, is too long, or has too many filters.
FilterText parse_filter_text(const std::string& text);

}  // namespace dreamreel::media
