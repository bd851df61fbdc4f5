#include "dreamreel/job/key_places.h"

#include "dreamreel/core/printable.h"
#include "problems.h"

namespace dreamreel::job {

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

std::string KeyPlaces::located(const std::string& key, const std::string& message) const {
  const auto place = nearest(key);
  return (place.text.empty() ? "" : place.text + ": ") + (key.empty() ? "" : key + ": ") + message;
}

}  // namespace dreamreel::job
