#include "dreamreel/settings/key_places.h"

namespace dreamreel::settings {

const KeyPlace* KeyPlaces::find(const std::string& key) const {
  const auto found = places_.find(key);
  return found == places_.end() ? nullptr : &found->second;
}

KeyPlace KeyPlaces::nearest(const std::string& key) const {
  for (std::string path = key;;) {
    if (const KeyPlace* const place = find(path)) return *place;
    if (path.empty()) return {};
    const auto dot = path.rfind('.');
    path.erase(dot == std::string::npos ? 0 : dot);
  }
}

const std::string& KeyPlaces::written(const std::string& key) const {
  const auto found = written_.find(key);
  return found == written_.end() ? key : found->second;
}

std::string KeyPlaces::located(const std::string& key, const std::string& message) const {
  const std::string& own = written(key);
  const auto place = nearest(own);
  return (place.text.empty() ? "" : place.text + ": ") + (own.empty() ? "" : own + ": ") + message;
}

}  // namespace dreamreel::settings
