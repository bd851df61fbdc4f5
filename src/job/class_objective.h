// Objectives that name classes: {class: dog} alone, for which the cards know networks and layers, and channels
// that are called by their classes.
#pragma once

#include "dreamreel/job/job.h"
#include "problems.h"
#include "value.h"

namespace dreamreel::job {

/// Before the tree is read: what names a class and no kind is of kind logit.
void complete_kinds(Value& root);

/// Once the job is read: objectives of kind logit without a layer get the first of their network's class
/// layers. A class by its name that names no network either is asked of every network of the job that knows it:
/// the objective goes to the first of them, the job's own before all others, and copies for the others stand at
/// the end of the list. Networks with one file count once. Where no network has classes, the problem says which
/// cards have; where none knows the class, which names are near.
void fill_class_layers(const Value& root, Job& job, const LoadOptions& options, Problems& problems);

/// Once the job is read: adds problems for channels that are called by a class where the layer's channels are
/// no classes.
void check_class_channels(const Value& root, const Job& job, Problems& problems);

}  // namespace dreamreel::job
