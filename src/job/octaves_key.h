// dream.octaves and dream.motif: the octaves by their number, or by the size of the motifs in the frame.
#pragma once

#include "dreamreel/job/job.h"
#include "tables.h"
#include "words.h"

namespace dreamreel::job {

/// The number of octaves, or `auto`, which leaves it to dream.motif.
Row<Dream> octaves_row();
Row<Dream> motif_row();
/// How much smaller than the final render the frames are.
Row<Dream> draft_row();

/// Removes from `base`, the map `dream` of an older text, what `over` of a younger one replaces: a number of
/// octaves replaces a motif, and a motif replaces a number.
void drop_other_octaves(Value& base, const Value& over);

/// Gives `octaves: auto` its default motif. Adds a problem where one text says a number and a motif.
void settle_octaves(const Value& root, Job& job, Problems& problems);

}  // namespace dreamreel::job
