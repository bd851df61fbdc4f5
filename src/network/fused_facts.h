// What is known of a program before its plan (fused_plan.h) is made: sizes, which steps have to run, and who
// reads which value.
#pragma once

#include <optional>
#include <vector>

#include "fused_plan.h"

namespace dreamreel::network {

struct PlanFacts {
  const PlanSource& source;
  const PlanKey& key;
  std::vector<std::optional<Sizes>> sizes;  ///< of each value; nullopt: not known
  std::vector<bool> wanted;                 ///< for each value: the caller of the pass gets it
  std::vector<bool> scaled;                 ///< for each value: Program::scales may hold it
  /// For each step, whether a pass has to run it. A Resize that runs here takes its size from the plan, so
  /// the steps that compute this size need not run for it.
  std::vector<bool> runs;
  std::vector<std::vector<std::size_t>> users;  ///< for each value, the steps that run and read it

  bool is_wanted(ValueId value) const { return wanted[static_cast<std::size_t>(value)]; }
  bool is_scaled(ValueId value) const { return scaled[static_cast<std::size_t>(value)]; }
  const std::optional<Sizes>& sizes_of(ValueId value) const { return sizes[static_cast<std::size_t>(value)]; }
  const std::vector<std::size_t>& users_of(ValueId value) const {
    return users[static_cast<std::size_t>(value)];
  }
  /// The value as a map; nullopt if it is not (1,C,H,W).
  std::optional<Map> map_of(ValueId value) const;
};

/// nullopt if the shape of a value that is used is not known. `source` and `key` must outlive the facts.
std::optional<PlanFacts> find_plan_facts(const PlanSource& source, const PlanKey& key);

/// Whether the step is a Resize of maps that has a kernel here.
bool is_native_resize(const PlanFacts& facts, std::size_t step);

}  // namespace dreamreel::network
