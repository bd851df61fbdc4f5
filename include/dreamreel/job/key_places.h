// Where each key of a job was written. Checks that come after loading, and know a key alone, name file and
// line with it, and can tell a value of the job itself from one that it only inherits.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

struct KeyPlace {
  std::string text;  ///< "music_video.yaml:8", "--set dream.step=2", "-o"; "" where nothing is known
  std::string file;  ///< of a key in a file; "" for an override
  int line = 0;      ///< from 1; 0 for an override
  /// Rises from the oldest ancestor over the job itself to the last override: the later one wins.
  int rank = 0;
};

class KeyPlaces {
 public:
  void add(const std::string& key, KeyPlace place) { places_.insert_or_assign(key, std::move(place)); }

  /// Null for a key that nobody wrote, or took back with ~.
  const KeyPlace* find(const std::string& key) const;
  /// The key's own place. Where the key was not written, the place of the nearest section around it.
  KeyPlace nearest(const std::string& key) const;
  /// "FILE:LINE: KEY: MESSAGE", with the nearest place. `key` may be "".
  std::string located(const std::string& key, const std::string& message) const;

 private:
  std::map<std::string, KeyPlace> places_;
};

/// load_job() that also says where the keys stand. `output_option` is the output named on the command line,
/// which counts as the last override; "" for none. Relative to the current folder.
Job load_job(const std::filesystem::path& path, const LoadOptions& options,
             const std::filesystem::path& output_option, KeyPlaces& places);

}  // namespace dreamreel::job
