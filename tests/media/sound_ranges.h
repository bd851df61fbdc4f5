// What tests of the sound's analysis share: the range of a whole file, and shares of times that were found.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "dreamreel/media/sound_analysis.h"

namespace dreamreel::media {

inline SoundRange range_of(const std::filesystem::path& path, Rational rate = {24, 1}) {
  SoundRange range;
  range.path = path;
  range.frame_rate = rate;
  return range;
}

// The share of the made beats for which a beat was found within `tolerance` seconds. With the arguments
// swapped: the share of the found beats that were made.
inline double share_found(const std::vector<double>& made, const std::vector<double>& found,
                          double tolerance) {
  const auto is_found = [&](double beat) {
    return std::ranges::any_of(found, [&](double other) { return std::abs(other - beat) <= tolerance; });
  };
  return static_cast<double>(std::ranges::count_if(made, is_found)) / static_cast<double>(made.size());
}

inline std::vector<double> multiples(double period, double end) {
  std::vector<double> times;
  for (int i = 0; i * period < end - 1e-9; ++i) times.push_back(i * period);
  return times;
}

}  // namespace dreamreel::media
