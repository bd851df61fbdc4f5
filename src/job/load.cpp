#include "load.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "alternatives.h"
#include "chain.h"
#include "dreamreel/core/error.h"
#include "dreamreel/job/input_job.h"
#include "still_for_noise.h"
#include "tables.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;

constexpr int kBehindAllFiles = 1000;  // Source::order: messages about it come last

// Lays `over` on top of `base`. Maps merge key by key if the schema says so; all other values are replaced
// whole.
void merge(Value& base, Value over, const std::string& path) {
  if (names_network(path) && over.is_map()) {
    widen_network(base);
    if (base.is_map() && replaces_network(base, over)) base = Value{};
  }
  if (over.is_null() && !over.is_tilde && is_section(path) && base.is_map()) return;
  if (over.is_map()) drop_what_is_replaced(base, over, path);
  if (!base.is_map() || !over.is_map() || !(merges(path) || names_network(path))) {
    base = std::move(over);
    return;
  }
  if (over.place.source->has_lines) base.place = over.place;
  std::unordered_map<std::string, std::size_t> indices;
  for (std::size_t i = 0; i < base.entries.size(); ++i) indices.emplace(base.entries[i].key, i);
  for (auto& entry : over.entries) {
    if (const auto old = indices.find(entry.key); old != indices.end())
      merge(base.entries[old->second].value, std::move(entry.value), join_path(path, entry.key));
    else
      base.entries.push_back(std::move(entry));
  }
}

std::vector<std::string> split_key(const std::string& key) {
  std::vector<std::string> parts(1);
  for (const char c : key) {
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

// `value` behind the keys: maps with one key each.
Value nested(std::span<const std::string> keys, Value value) {
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    Value map;
    map.kind = Value::Kind::map;
    map.place = value.place;
    map.entries.push_back({*key, value.place, std::move(value)});
    value = std::move(map);
  }
  return value;
}

// A series may be said by its file alone: "a.csv" becomes "{file: a.csv}", so that its rules can be set.
void widen_series(Value& node, const std::string& path) {
  if (!path.starts_with("series.") || !node.is_scalar()) return;
  Value map;
  map.kind = Value::Kind::map;
  map.place = node.place;
  map.entries.push_back({"file", node.place, std::move(node)});
  node = std::move(map);
}

// Sets `value` at the end of the keys. Makes the maps on the way, and merges at the end.
void set_at(Value& node, std::span<const std::string> keys, Value value, const std::string& path,
            Problems& problems) {
  if (keys.empty()) return merge(node, std::move(value), path);
  const std::string& key = keys.front();
  const std::string inner = join_path(path, key);
  if (node.is_list()) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (error != std::errc{} || end != key.data() + key.size() || index >= node.items.size())
      return problems.add(
          value.place, inner,
          fmt::format("expected an index below {}, got {}", node.items.size(), in_quotes(key)));
    return set_at(node.items[index], keys.subspan(1), std::move(value), inner, problems);
  }
  if (names_network(path)) {
    widen_network(node);
    std::erase_if(node.entries, [&](const auto& entry) {
      return (key == "path" && entry.key == "card") || (key == "card" && entry.key != "card");
    });
  }
  widen_series(node, path);
  if (!node.is_map()) {
    Value map;
    map.kind = Value::Kind::map;
    map.place = node.is_null() ? node.place : value.place;
    node = std::move(map);
  }
  if (!value.is_null()) {
    drop_what_is_replaced(node, nested(keys, value), path);
  }
  if (node.find(key) == nullptr) {
    Value nothing;
    nothing.place = node.place;  // a missing key is reported at the place of the map around it
    node.entries.push_back({key, value.place, std::move(nothing)});
  }
  set_at(*node.find(key), keys.subspan(1), std::move(value), inner, problems);
}

void apply_override(Value& root, const std::string& text, int order, Problems& problems) {
  const auto source =
      std::make_shared<const Source>(Source{"--set " + shortened(text), fs::current_path(), order, false});
  const auto equals = text.find('=');
  const auto keys = split_key(text.substr(0, equals));
  if (equals == std::string::npos || std::ranges::find(keys, "") != keys.end())
    return problems.add({source, 0}, "", "expected KEY=VALUE such as dream.step=2");
  if (keys.size() > static_cast<std::size_t>(kMaxDepth))
    return problems.add({source, 0}, "",
                        fmt::format("expected at most {} keys in a row, got {}", kMaxDepth, keys.size()));
  const std::string yaml = text.substr(equals + 1);
  // A leading % begins a YAML directive, but here it begins a printf pattern.
  std::optional<Value> value =
      yaml.starts_with('%') ? Value::scalar(yaml) : parse_yaml(yaml, source, problems);
  if (!value) return;
  value->place.source = source;
  set_at(root, keys, std::move(*value), "", problems);
}

// `--set look=NAME` says which files there are, so it comes before all else. The last one counts.
std::optional<AskedLook> take_look(std::vector<std::string>& overrides, Problems& problems) {
  constexpr std::string_view kLook = "look=";
  std::optional<AskedLook> asked;
  for (const auto& text : overrides) {
    if (!text.starts_with(kLook)) continue;
    const auto source = std::make_shared<const Source>(
        Source{"--look " + shortened(text.substr(kLook.size())), fs::current_path(), kBehindAllFiles, false});
    const auto name = parse_yaml(text.substr(kLook.size()), source, problems);
    if (!name) continue;
    asked.reset();
    if (name->is_tilde) asked.emplace().is_none = true;
    if (name->is_null()) continue;
    if (!name->is_scalar())
      problems.add({source, 0}, "look", "expected the name of a look, got " + describe(*name));
    asked.emplace().name = name->text;  // GCC 12 falsely takes an assigned one for uninitialised
    asked->place = {source, 0};
  }
  problems.throw_if_any();
  std::erase_if(overrides, [&](const auto& text) { return text.starts_with(kLook); });
  return asked;
}

// The base job's layers are those of its own network.
bool names_another_network(const fs::path& path, const std::vector<std::string>& overrides) {
  return is_input(path) && std::ranges::any_of(overrides, [](const std::string& text) {
           return text.starts_with("network=") || text.starts_with("network.path=") ||
                  text.starts_with("network.card=");
         });
}

void forget_objectives(Value& root) {
  Value* const dream = root.find("dream");
  if (dream == nullptr) return;
  std::erase_if(dream->entries,
                [](const auto& entry) { return entry.key == "objectives" || entry.key == "journey"; });
}

// `text` of the file, or nullopt to read it.
Value tree_of_chain(const fs::path& path, const std::optional<std::string>& text, const LoadOptions& options,
                    const WhyNot& why_not, const std::optional<AskedLook>& scene, const AskedOutput& output,
                    Problems& problems) {
  auto overrides = options.overrides;
  auto asked = take_look(overrides, problems);
  if (asked && !asked->is_none && scene)
    problems.add(asked->place, "look", "expected none beside scenes, which have looks of their own");
  if (scene) asked = scene;
  auto chain = load_chain(path, text, asked, options, why_not, problems);
  give_still_to_noise(chain.trees, overrides, output);
  Value root = std::move(chain.trees.back());
  for (auto tree = chain.trees.rbegin() + 1; tree != chain.trees.rend(); ++tree)
    merge(root, std::move(*tree), "");
  if (!text && (!asked || asked->is_none) && names_another_network(path, overrides)) forget_objectives(root);
  for (std::size_t i = 0; i < overrides.size(); ++i)
    apply_override(root, overrides[i], chain.next_order + static_cast<int>(i), problems);
  return root;
}

}  // namespace

Value tree_of_text(const std::string& yaml, const fs::path& name, Problems& problems) {
  const auto source =
      std::make_shared<const Source>(Source{name.string(), fs::absolute(name).parent_path(), 0});
  Value tree = tree_of(yaml, source, true, problems);
  for (const char* const key : {"extends", "look"})
    if (const Value* const other = tree.find(key); other != nullptr && !other->is_null()) {
      problems.add(other->place, key, "expected none in a resolved job, got " + describe(*other));
      problems.throw_if_any();
    }
  return tree;
}

Value load_tree_of_text(const std::string& text, const fs::path& path, const LoadOptions& options,
                        const WhyNot& why_not, const std::optional<AskedLook>& scene, Problems& problems) {
  return tree_of_chain(path, text, options, why_not, scene, {}, problems);
}

Value load_tree(const fs::path& path, const LoadOptions& options, const std::optional<AskedLook>& scene,
                Problems& problems, const AskedOutput& asked) {
  return tree_of_chain(path, std::nullopt, options, {}, scene, asked, problems);
}

}  // namespace dreamreel::job
