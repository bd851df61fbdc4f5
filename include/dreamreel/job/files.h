// Lists every file that a job reads, except its networks. For callers that compare the files, or replace
// their paths.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

struct NamedFile {
  std::string key;  ///< "dream.objectives.0.image"
  /// part of the job that was listed, and valid as long as the job; for a numbered sequence, its pattern
  std::filesystem::path* path = nullptr;
};

/// All paths that are set, in the order of docs/job.md.
std::vector<NamedFile> list_files(Job& job);

/// Every network that a job names beside its own: in `networks`, in objectives and in masks. The pointers are
/// valid as long as the job.
std::vector<NetworkRef*> list_other_networks(Job& job);

}  // namespace dreamreel::job
