// An objective that says no more than a class, {class: dog}: the card knows which layer has the classes.
#pragma once

#include "dreamreel/job/job.h"
#include "problems.h"
#include "value.h"

namespace dreamreel::job {

/// Before the tree is read: what names a class and no kind is of kind logit.
void complete_kinds(Value& root);

/// Once the job is read: objectives of kind logit without a layer get the first of their network's class
/// layers. Where the network has none, the problem says which cards have.
void fill_class_layers(const Value& root, Job& job, const LoadOptions& options, Problems& problems);

}  // namespace dreamreel::job
