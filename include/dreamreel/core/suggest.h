// "Did you mean ...?": finds the names nearest to a misspelt name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dreamreel {

/// Number of single-character insertions, deletions, substitutions and swaps of neighbours between a and b,
/// ignoring case (optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidates nearest to `name`, best first, at most `limit`. A candidate counts as near if it contains
/// `name` or is contained in it. A candidate whose distance is more than half its length is left out, so the
/// list may be empty. Names of more than 128 bytes, and candidates past the first 10,000, are ignored.
std::vector<std::string> closest_names(std::string_view name, const std::vector<std::string>& candidates,
                                       std::size_t limit = 3);

/// "; did you mean 'a', 'b' or 'c'?" for the nearest candidates, or "" if none is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace dreamreel
