// Lists every file that a job reads, except its networks. For callers that compare the files, or replace
// their paths.
#pragma once

#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/settings/named_file.h"

namespace dreamreel::job {

/// All paths that are set, in the order of docs/job.md.
std::vector<settings::NamedFile> list_files(Job& job);

/// Every network that a job names beside its own: in `networks`, in objectives and in masks. The pointers are
/// valid as long as the job.
std::vector<NetworkRef*> list_other_networks(Job& job);

}  // namespace dreamreel::job
