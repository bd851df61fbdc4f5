// dream.mask and an objective's mask: where a dream may be.
#pragma once

#include <optional>

#include "table.h"

namespace dreamreel::job {

/// The keys of a mask; `of_dream` adds those of a whole dream's.
Table<Mask> mask_table(bool of_dream);

/// Adds problems: not exactly one of path and from, or keys that belong to another kind of mask.
void check_mask(const Site& site, const Mask& mask);

/// Sets what follows from the rest: a person's class, and how a class map is made a mask where the job does not say.
void fill_mask(const Site& site, Mask& mask);

template <typename T>
Row<T> mask_row(std::optional<Mask> T::*member, bool of_dream, std::string doc) {
  auto row = optional_section<T>("mask", member, mask_table(of_dream), std::move(doc));
  row.read = [member, table = mask_table(of_dream)](const Site& site, T& target) {
    Mask& mask = (target.*member).emplace();
    read_table(site, table, mask);
    if (!site.value.is_map()) return;
    check_mask(site, mask);
    fill_mask(site, mask);
  };
  return row;
}

/// Adds problems: a mask made from the source where there is none (noise).
void check_masks_have_a_source(const Value& root, Problems& problems);

}  // namespace dreamreel::job
