// Every file that a job reads, besides its networks: for whoever compares them or knows them by other paths.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

struct NamedFile {
  std::string key;  ///< "dream.objectives.0.image"
  /// Inside the job it was asked of, and valid as long; of a numbered sequence its pattern.
  std::filesystem::path* path = nullptr;
};

/// Those that are set, in the order of docs/job.md.
std::vector<NamedFile> list_files(Job& job);

/// Every network that a job names beside its own: in `networks`, in objectives and in masks. Inside the job.
std::vector<NetworkRef*> list_other_networks(Job& job);

}  // namespace dreamreel::job
