#include "dreamreel/settings/key_places.h"

#include "dreamreel/settings/problems.h"
#include "dreamreel/settings/value.h"

namespace dreamreel::settings {
namespace {

// Converts a value's place. Ancestors have negative ranks, the job itself 0, and overrides the highest.
KeyPlace key_place(const Place& place) {
  KeyPlace found;
  found.text = place_text(place);
  if (!place.source) return found;
  found.rank = place.source->has_lines ? -place.source->order : place.source->order + 1;
  if (!place.source->has_lines) return found;
  found.file = place.source->label;
  found.line = place.line;
  return found;
}

}  // namespace

void KeyPlaces::add_tree(const Value& value, const std::string& key) {
  if (value.is_null() && !key.empty()) return;
  add(key, key_place(value.place));
  for (const auto& entry : value.entries) add_tree(entry.value, join_path(key, entry.key));
  for (std::size_t i = 0; i < value.items.size(); ++i)
    add_tree(value.items[i], join_path(key, std::to_string(i)));
}

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
