// Jobs as the page writes them: texts that become checked jobs, and files.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/settings/key_places.h"
#include "workspace.h"

namespace dreamreel::studio {

/// A job's file and the text that is, or will be, in it.
struct JobText {
  std::filesystem::path file;
  std::string text;
  std::vector<std::string> overrides;  ///< as --set has them
};

struct LoadedJob {
  job::Job job;
  settings::KeyPlaces places;
};

/// Any thread.
class Jobs {
 public:
  /// A person chose the job `opened` on the command line. So its files, and those of the files that it
  /// extends, may lie anywhere. "" for no such job.
  Jobs(const Workspace& workspace, const std::filesystem::path& opened);

  /// Throws JobError with everything that is wrong, also for a file outside of the folder.
  LoadedJob load(const JobText& text) const;

  /// Whether a job may name this file: it lies in the folder, the opened job names it, or the program comes
  /// with it.
  bool may_read(const std::filesystem::path& path) const;

  /// The file's text. Throws ApiError (404).
  static std::string read(const std::filesystem::path& file);
  /// A checksum of the text, by which save() sees whether somebody else has changed the file.
  static std::string revision_of(const std::string& text);
  /// Writes the text where the file still has the revision ("" for no file); returns the new revision.
  /// Throws ApiError (413 above 1 MiB; 409 where somebody else has changed the file), IoError.
  std::string save(const JobText& text, const std::string& revision) const;

 private:
  void expect_inside(job::Job& job, const settings::KeyPlaces& places) const;

  const Workspace& workspace_;
  std::vector<std::filesystem::path> shared_;  // folders of cards, networks, looks and shared jobs
  std::set<std::filesystem::path> chosen_;
};

}  // namespace dreamreel::studio
