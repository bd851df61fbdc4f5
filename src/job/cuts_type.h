// temporal.cuts: `auto`, `none`, a time, an expression, or a list of `auto`, times and expressions. A map in
// place of a time gives the time and the length of a cross-fade.
#pragma once

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

inline constexpr const char* kFadeWhat = "a length above 0 such as 1beat, 2bar, 0.5s or 12f";

/// A time, or with `is_length` a length above 0, which may be counted in beats or bars. Adds a problem for
/// any other value.
std::optional<TimePoint> read_time_on_sound(const Site& site, bool is_length);

struct CutsType {
  std::string name() const { return "auto, none, a time, an expression, or a list of these"; }
  KeyShape shape() const { return {}; }
  std::optional<Cuts> read(const Site& site) const;
  Value write(const Cuts& cuts) const;
};

}  // namespace dreamreel::job
