// The keys of dream.mask and of an objective's mask, which limit where a dream may be.
#pragma once

#include <optional>

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

/// The keys of a mask; `of_dream` adds the keys that only a whole dream's mask has.
Table<Mask> mask_table(bool of_dream);

/// Adds a problem unless exactly one of path and from is set, and for keys that belong to another kind of
/// mask.
void check_mask(const Site& site, const Mask& mask);

/// Fills in values that follow from others: a person's class, and how a class map becomes a mask if the job
/// does not say.
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

/// Adds a problem for each mask that needs a source picture in a job of noise, which has none, or motion in a
/// video of one picture. Adds one if masks are to be shown, and there is none.
void check_masks_have_a_source(const Value& root, Problems& problems);

}  // namespace dreamreel::job
