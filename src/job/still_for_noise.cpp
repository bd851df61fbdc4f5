#include "still_for_noise.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "dreamreel/core/number_pattern.h"
#include "dreamreel/job/input_job.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;

void forget(Value& root, std::string_view section, std::string_view key) {
  if (!root.is_map()) return;
  if (Value* const map = root.find(std::string(section)); map != nullptr && map->is_map())
    std::erase_if(map->entries, [&](const auto& entry) { return entry.key == key; });
}

void set(Value& root, const std::string& section, const std::string& key, Value value) {
  Value* map = root.find(section);
  if (map == nullptr) {
    Value empty;
    empty.kind = Value::Kind::map;
    empty.place = value.place;
    root.entries.push_back({section, value.place, std::move(empty)});
    map = root.find(section);
  }
  if (map->is_tilde) return;                         // it takes back the section
  if (map->is_null()) map->kind = Value::Kind::map;  // a section with nothing beneath it
  const Place place = value.place;
  map->entries.push_back({key, place, std::move(value)});
}

// The path that an override gives to `key`, as the command line writes it; nullopt for none.
std::optional<std::string> path_of(const std::string& override, const std::string& key) {
  if (!override.starts_with(key + "=")) return {};
  std::string text = override.substr(key.size() + 1);
  for (const char quote : {'"', '\''})
    if (text.size() >= 2 && text.front() == quote && text.back() == quote)
      text = text.substr(1, text.size() - 2);
  return text;
}

// The layer that names the input. Overrides are layer 0, and tree i is layer i + 1.
struct StillInput {
  std::size_t layer = 0;
  fs::path path;
};

std::optional<StillInput> still_of(const std::vector<Value>& trees,
                                   const std::vector<std::string>& overrides) {
  std::optional<StillInput> found;
  for (const auto& override : overrides)
    if (const auto text = path_of(override, "input.path"))
      found = StillInput{0, fs::current_path() / with_home(*text)};
  for (std::size_t i = 0; i < trees.size() && !found; ++i) {
    const Value* const path = said(trees[i], "input", "path");
    if (path == nullptr && said(trees[i], "input", "noise") != nullptr) return {};
    if (path == nullptr || !path->is_scalar() || path->text.find('\0') != std::string::npos) continue;
    const fs::path folder = path->place.source ? path->place.source->folder : fs::current_path();
    found = StillInput{i + 1, folder / with_home(path->text)};
  }
  if (!found || parse_numbered_name(found->path.filename().string()) || !is_still(found->path)) return {};
  return found;
}

// Whether a film cannot be written there.
bool is_picture(const std::string& path) {
  return has_picture_ending(path) && ending_of(path) != ".gif" &&
         !parse_numbered_name(with_printf_number(path).filename().string());
}

// Whether a tree that lists outputs lists single pictures alone.
bool are_pictures(const Value& outputs) {
  return std::ranges::all_of(outputs.items, [](const Value& output) {
    const Value* const path = output.is_map() ? output.find("path") : nullptr;
    return path != nullptr && path->is_scalar() && is_picture(path->text);
  });
}

// Whether the job writes one picture. A name that the program made of the input's is changed into a film's.
bool writes_a_picture(std::vector<Value>& trees, const std::vector<std::string>& overrides,
                      const fs::path& output_option) {
  if (!output_option.empty()) return is_picture(output_option.string());
  for (auto override = overrides.rbegin(); override != overrides.rend(); ++override)
    if (const auto text = path_of(*override, "output.path")) return is_picture(*text);
  for (auto& tree : trees) {
    const Value* const outputs = tree.is_map() ? tree.find("outputs") : nullptr;
    if (outputs != nullptr && outputs->is_list()) return are_pictures(*outputs);
    const Value* const path = said(tree, "output", "path");
    if (path == nullptr) continue;
    if (!path->is_scalar() || !is_picture(path->text)) return false;
    const bool is_made = path->place.source && !path->place.source->has_lines;
    if (!is_made) return true;
    Value& named = *tree.find("output")->find("path");
    named.text = fs::path(named.text).replace_extension(".mp4").string();
    return false;
  }
  return false;
}

}  // namespace

bool begins_with_still(const std::vector<Value>& trees, const std::vector<std::string>& overrides) {
  return still_of(trees, overrides).has_value();
}

void give_still_to_noise(std::vector<Value>& trees, const std::vector<std::string>& overrides,
                         const AskedOutput& output) {
  const auto still = still_of(trees, overrides);
  if (!still) return;
  const auto older = trees.begin() + static_cast<std::ptrdiff_t>(still->layer);
  const auto has_noise = [](const Value& tree) { return said(tree, "input", "noise") != nullptr; };
  const auto first = std::find_if(older, trees.end(), has_noise);
  if (first == trees.end()) return;
  std::optional<Value> length, rate, iterations;
  for (auto tree = older; tree != trees.end(); ++tree) {
    const auto take = [](std::optional<Value>& kept, const Value* value) {
      if (!kept && value != nullptr && !value->is_null()) kept = *value;
    };
    if (const Value* const noise = said(*tree, "input", "noise"); noise != nullptr && noise->is_map()) {
      take(length, noise->find("duration"));
      take(rate, noise->find("fps"));
    }
    take(iterations, said(*tree, "temporal", "iterations"));
    forget(*tree, "input", "noise");
    forget(*tree, "temporal", "warmup");
  }
  if (writes_a_picture(trees, overrides, output.path) && !output.is_excerpt) return;
  if (iterations) {
    for (auto tree = older; tree != trees.end(); ++tree) forget(*tree, "dream", "iterations");
    set(*first, "dream", "iterations", *iterations);
  }
  if (length) set(*first, "input", "duration", *length);
  if (rate) set(*first, "input", "fps", *rate);
}

}  // namespace dreamreel::job
