#include "job_schema.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/job/schema.h"
#include "dreamreel/settings/key_info.h"

namespace dreamreel::app {
namespace {

using settings::KeyInfo;
using settings::KeyShape;
using Json = nlohmann::ordered_json;

Json types_of(const KeyShape& shape) {
  const char* const number = shape.whole ? "integer" : "number";
  switch (shape.kind) {
    case KeyShape::Kind::flag:
      return {"boolean", "null"};
    case KeyShape::Kind::number:
      return {number, "null"};
    case KeyShape::Kind::curve:
      return {number, "string", "object", "null"};
    case KeyShape::Kind::text:
      return {"string", "number", "boolean", "null"};
    case KeyShape::Kind::texts:
    case KeyShape::Kind::list:
      return {"array", "null"};
    case KeyShape::Kind::map:
      return {"object", "null"};
    case KeyShape::Kind::map_or_text:
      return {"object", "string", "null"};
    default:
      return {};
  }
}

// A word such as "2" is allowed as a number too, because YAML reads it as one.
Json words_of(const KeyShape& shape) {
  Json words = Json::array();
  for (const auto& word : shape.words) {
    words.push_back(word);
    int number = 0;
    const char* const end = word.data() + word.size();
    if (std::from_chars(word.data(), end, number).ptr == end) words.push_back(number);
  }
  words.push_back(nullptr);
  return words;
}

std::string text_of(const KeyInfo& key) {
  std::string text = fmt::format("{}\n\nTakes {}", key.doc, key.type);
  if (!key.unit.empty()) text += ", in " + key.unit;
  if (!key.default_text.empty()) text += "; default: " + key.default_text;
  return text + ".";
}

Json node_of(const KeyInfo& key) {
  Json node;
  node["description"] = text_of(key);
  const KeyShape& shape = key.shape;
  if (shape.kind == KeyShape::Kind::choice) node["enum"] = words_of(shape);
  if (const Json types = types_of(shape); !types.empty()) node["type"] = types;
  if (std::isfinite(shape.min)) node[shape.open_min ? "exclusiveMinimum" : "minimum"] = shape.min;
  if (std::isfinite(shape.max)) node["maximum"] = shape.max;
  return node;
}

// The schema of the map that holds the key `path`. The index N of a list stands for all of its items, and
// NAME for all keys of a map that have no name of their own.
Json& map_of(Json& root, std::string_view path) {
  Json* map = &root;
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    const std::string name(path.substr(0, dot));
    path.remove_prefix(dot + 1);
    if (name == "N")
      map = &(*map)["items"];
    else if (name == "NAME")
      map = &(*map)["additionalProperties"];
    else
      map = &(*map)["properties"][name];
  }
  return *map;
}

}  // namespace

Json job_schema() {
  Json root;
  root["$schema"] = "http://json-schema.org/draft-07/schema#";
  root["title"] = "A job of dreamreel";
  root["type"] = "object";
  for (const auto& key : job::schema()) {
    Json& map = map_of(root, key.path);
    const std::string name = key.path.substr(key.path.rfind('.') + 1);
    if (name == "NAME") {
      map["additionalProperties"] = node_of(key);
      continue;
    }
    map["additionalProperties"] = false;
    map["properties"][name] = node_of(key);
    if (key.shape.kind == KeyShape::Kind::list) map["properties"][name]["items"]["type"] = {"object", "null"};
  }
  return root;
}

}  // namespace dreamreel::app
