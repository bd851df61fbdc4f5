// The value below which a share of all values lies.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace dreamreel::media {

/// `share` from 0 to 1; 0 for no values.
inline double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto place =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

}  // namespace dreamreel::media
