// What happens to the colours of a dream. A part of a job; see job.h.
#pragma once

#include <optional>

#include "dreamreel/curve/curve.h"

namespace dreamreel::job {

using curve::Curve;

/// Keeps the colours of a dream stable from frame to frame.
struct Colour {
  enum class Match { none, source, first } match = Match::none;
  Curve strength = 1;  ///< strength of `match`, in [0,1]
  enum class Chroma { dream, source } chroma = Chroma::dream;
  std::optional<Curve> contrast_limit, saturation_limit;  ///< in units of CIE L*a*b*
  bool operator==(const Colour&) const = default;
};

}  // namespace dreamreel::job
