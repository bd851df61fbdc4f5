// Objectives that name classes. {class: dog} alone is enough, because the cards know networks and layers.
// Channels may also have the names of classes.
#pragma once

#include "dreamreel/job/job.h"
#include "words.h"

namespace dreamreel::job {

/// Called before the tree is read: objectives with a class and without a kind get the kind logit.
void complete_kinds(Value& root);

/// Called once the job is read. Objectives of kind logit without a layer get the first of their network's
/// class layers. If such an objective gives the class by name and no network, every network of the job that
/// knows the class is used. The objective itself gets the first of them; the job's own network comes before
/// all others. Copies for the other networks are appended to the list. Networks with the same file count
/// once. Adds a problem if no network has classes (with the cards that have them), or if no network knows the
/// class (with similar names).
void fill_class_layers(const Value& root, Job& job, const LoadOptions& options, Problems& problems);

/// Called once the job is read. Adds problems for channels with the name of a class in layers whose channels
/// are not classes.
void check_class_channels(const Value& root, const Job& job, Problems& problems);

}  // namespace dreamreel::job
