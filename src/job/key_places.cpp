#include "dreamreel/job/key_places.h"

#include <fmt/core.h>

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

const std::string& KeyPlaces::written(const std::string& key) const {
  const auto found = written_.find(key);
  return found == written_.end() ? key : found->second;
}

std::string KeyPlaces::located(const std::string& key, const std::string& message) const {
  const std::string& own = written(key);
  const auto place = nearest(own);
  return (place.text.empty() ? "" : place.text + ": ") + (own.empty() ? "" : own + ": ") + message;
}

std::string key_of_time(const Cuts& cuts, std::size_t i) {
  const std::size_t items = cuts.times.size() + cuts.rises.size() + (cuts.found ? 1 : 0);
  return items == 1 ? "temporal.cuts" : fmt::format("temporal.cuts.{}", i + (cuts.found ? 1 : 0));
}

}  // namespace dreamreel::job
