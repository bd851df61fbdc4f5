// Tells where each key of a document was written. Checks after loading know only a key; with its place, their
// messages name file and line. They can also tell a value of the file itself from an inherited one.
#pragma once

#include <map>
#include <string>

namespace dreamreel::settings {

struct Value;

struct KeyPlace {
  std::string text;  ///< "music_video.yaml:8", "--set dream.step=2", "-o"; "" if unknown
  std::string file;  ///< file that contains the key; "" for an override
  int line = 0;      ///< from 1; 0 for an override
  /// Rises from the oldest ancestor over the file itself to the last override. The value with the higher rank
  /// wins.
  int rank = 0;
};

class KeyPlaces {
 public:
  void add(const std::string& key, KeyPlace place) { places_.insert_or_assign(key, std::move(place)); }

  /// Adds the places of `value`, which stands at `key`, and of everything in it. Adds no place of a key that
  /// was taken back with ~.
  void add_tree(const Value& value, const std::string& key);

  /// Null if the key was not written anywhere, or was taken back with ~.
  const KeyPlace* find(const std::string& key) const;
  /// The key's own place. If the key was not written, the place of the nearest section around it.
  KeyPlace nearest(const std::string& key) const;
  /// Makes located() say `written` for `key`, which stands in a document because of what a person wrote
  /// elsewhere.
  void rename(const std::string& key, const std::string& written) { written_[key] = written; }
  /// The key that a person wrote for `key`: mostly `key` itself.
  const std::string& written(const std::string& key) const;
  /// "FILE:LINE: KEY: MESSAGE", with the nearest place. `key` may be "".
  std::string located(const std::string& key, const std::string& message) const;

 private:
  std::map<std::string, KeyPlace> places_;
  std::map<std::string, std::string> written_;
};

}  // namespace dreamreel::settings
