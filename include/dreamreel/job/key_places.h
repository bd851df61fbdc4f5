// Tells where each key of a job was written. Checks after loading know only a key; with its place, their
// messages name file and line. They can also tell a value of the job itself from an inherited one.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "dreamreel/job/job.h"

namespace dreamreel::job {

struct KeyPlace {
  std::string text;  ///< "music_video.yaml:8", "--set dream.step=2", "-o"; "" if unknown
  std::string file;  ///< file that contains the key; "" for an override
  int line = 0;      ///< from 1; 0 for an override
  /// Rises from the oldest ancestor over the job itself to the last override. The value with the higher rank
  /// wins.
  int rank = 0;
};

class KeyPlaces {
 public:
  void add(const std::string& key, KeyPlace place) { places_.insert_or_assign(key, std::move(place)); }

  /// Null if the key was not written anywhere, or was taken back with ~.
  const KeyPlace* find(const std::string& key) const;
  /// The key's own place. If the key was not written, the place of the nearest section around it.
  KeyPlace nearest(const std::string& key) const;
  /// Makes located() say `written` for `key`, which stands in a job because of what a person wrote elsewhere.
  void rename(const std::string& key, const std::string& written) { written_[key] = written; }
  /// The key that a person wrote for `key`: mostly `key` itself.
  const std::string& written(const std::string& key) const;
  /// "FILE:LINE: KEY: MESSAGE", with the nearest place. `key` may be "".
  std::string located(const std::string& key, const std::string& message) const;

 private:
  std::map<std::string, KeyPlace> places_;
  std::map<std::string, std::string> written_;
};

/// The key of Cuts::times[i] in a resolved job: "temporal.cuts.2", or "temporal.cuts" if it is the only item.
std::string key_of_time(const Cuts& cuts, std::size_t i);

/// What the command line asks of the output.
struct AskedOutput {
  std::filesystem::path path;  ///< relative to the current folder; "": as the job says
  /// Only some frames are rendered. A single picture may then be one frame of a film.
  bool is_excerpt = false;
};

/// load_job(), which also fills in the places of all keys. The path of `asked` counts as the last override.
Job load_job(const std::filesystem::path& path, const LoadOptions& options, const AskedOutput& asked,
             KeyPlaces& places);

}  // namespace dreamreel::job
