// Where a dream may be. A part of a job; see job.h.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/core/time.h"
#include "dreamreel/curve/curve.h"

namespace dreamreel::job {

using cards::NetworkRef;
using curve::Curve;

/// Where a dream may be: a picture or video, the source's own alpha, a key of its colours, its motion, or a
/// network's map of the source.
struct Mask {
  enum class From { file, alpha, luma, chroma, motion, person, class_map } from = From::file;
  std::filesystem::path path;  ///< only for From::file, like channel and start
  enum class Channel { luma, alpha } channel = Channel::luma;
  std::optional<TimePoint> start;  ///< nullopt: at Input::trim_start
  /// Always true for luma and motion; without it, person and class_map use the network's map directly.
  bool has_range = false;
  Curve low = 0, high = 1;                 ///< in [0,1]: luma, probability, or widths of the frame per second
  std::array<double, 3> colour{0, 0, 0};   ///< R'G'B' in [0,1]
  Curve tolerance = 0.1, softness = 0.05;  ///< distances in luma, or in the plane of Cb and Cr
  bool relative = false;  ///< for motion: the speed is measured against the dominant motion of the frame
  std::optional<NetworkRef> network{};  ///< for person and class_map; a loaded job always has one
  std::optional<int> class_index{};     ///< for class_map: the class by its index, or
  std::string class_name{};             ///< by its name in the label file; "person" for From::person
  int windows = 1;                      ///< number of windows along the longer side of the frame
  bool invert = false;
  Curve feather = 0;    ///< px
  bool confine = true;  ///< for a whole dream's mask: the dream grows only inside the mask
  bool operator==(const Mask&) const = default;
};

}  // namespace dreamreel::job
