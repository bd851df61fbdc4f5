// Chooses the network of a mask if the job does not name one.
#pragma once

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

/// Called once the job is read: gives a network to masks with `from: person` or `from: class`. For a person,
/// this is one of the job's networks that knows only persons; else the card selfie or meet, whichever has its
/// file first. For a class, it is the first of the job's networks that knows the class. If none knows it,
/// adds a problem with the cards that do, or with similar names. Also adds a problem if the network's card
/// names no layer of classes.
void fill_mask_networks(const Value& root, Job& job, const LoadOptions& options, Problems& problems);

}  // namespace dreamreel::job
