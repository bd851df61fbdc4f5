#include "yaml_differences.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace dreamreel::schedule {
namespace {

// The values of a YAML map of maps by their full keys: "dream.step" -> "1.5". Items of lists keep their
// dashes.
std::map<std::string, std::string> values_by_key(const std::string& yaml) {
  std::map<std::string, std::string> values;
  std::vector<std::string> keys;
  std::string line;
  std::size_t item = 0;
  for (std::size_t at = 0; at < yaml.size(); at += line.size() + 1) {
    line = yaml.substr(at, yaml.find('\n', at) - at);
    const auto indent = line.find_first_not_of(' ');
    if (indent == std::string::npos) continue;
    keys.resize(std::min(keys.size(), indent / 2));
    std::string path;
    for (const auto& key : keys) path += key + ".";
    if (line.compare(indent, 2, "- ") == 0) {
      values[path + std::to_string(item++)] = line.substr(indent + 2);
      continue;
    }
    item = 0;
    const auto colon = line.find(':', indent);
    if (colon == std::string::npos) continue;
    const std::string key = line.substr(indent, colon - indent);
    if (colon + 1 < line.size()) values[path + key] = line.substr(std::min(colon + 2, line.size()));
    keys.resize(indent / 2);
    keys.push_back(key);
  }
  return values;
}

}  // namespace

void add_yaml_differences(const std::string& before, const std::string& now, std::vector<std::string>& list) {
  const auto old_values = values_by_key(before), new_values = values_by_key(now);
  const auto said = [](const auto& values, const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string("not set") : found->second;
  };
  std::map<std::string, std::string> all = old_values;
  all.insert(new_values.begin(), new_values.end());
  for (const auto& [key, value] : all)
    if (said(old_values, key) != said(new_values, key))
      list.push_back(fmt::format("{}: {}, now {}", key, said(old_values, key), said(new_values, key)));
}

}  // namespace dreamreel::schedule
