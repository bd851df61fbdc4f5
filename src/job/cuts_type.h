// temporal.cuts: `auto`, `none`, a time, an expression, or a list of `auto`, times and expressions.
#pragma once

#include "types.h"

namespace dreamreel::job {

struct CutsType {
  std::string name() const { return "auto, none, a time, an expression, or a list of these"; }
  KeyShape shape() const { return {}; }
  std::optional<Cuts> read(const Site& site) const;
  Value write(const Cuts& cuts) const;
};

}  // namespace dreamreel::job
