#include "load.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "alternatives.h"
#include "dreamreel/core/error.h"
#include "network_keys.h"
#include "tables.h"
#include "text_file.h"

namespace dreamreel::job {
namespace {

namespace fs = std::filesystem;

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

constexpr std::size_t kMostParents = 32;  // longest chain of `extends`

struct File {
  fs::path path;       // as messages name it
  fs::path canonical;  // to find out whether two files are the same
  Value tree;
};

// Never throws, because reading the path reports its faults.
fs::path canonical_or_absolute(const fs::path& path) {
  std::error_code failed;
  const fs::path canonical = fs::weakly_canonical(path, failed);
  return failed ? fs::absolute(path).lexically_normal() : canonical;
}

std::string chain_text(const std::vector<File>& chain, const fs::path& next) {
  std::string text;
  for (const auto& file : chain) text += file.path.string() + " -> ";
  return text + next.string();
}

// `order` is 0 for the job itself. If another file is not a job, the message does not repeat its text,
// because the job's author might not be allowed to read it.
Value tree_of(const std::string& text, const fs::path& path, int order, Problems& problems) {
  const auto source =
      std::make_shared<const Source>(Source{path.string(), fs::absolute(path).parent_path(), order});
  auto tree = parse_yaml(text, source, problems);
  if (tree && !tree->is_map() && !tree->is_null()) {
    problems.add(tree->place, "",
                 "expected a map of keys, got " + (order == 0 ? describe(*tree) : "something else"));
    tree.reset();
  }
  if (!tree) problems.throw_if_any();
  return *std::move(tree);
}

// Removes `extends` from the tree and returns it. nullopt if there is none. Adds a problem if it is not a
// path.
std::optional<std::pair<fs::path, Place>> take_extends(File& file, Problems& problems) {
  const Value* const extends = file.tree.find("extends");
  if (extends == nullptr) return {};
  const Value value = *extends;
  std::erase_if(file.tree.entries, [](const auto& entry) { return entry.key == "extends"; });
  if (value.is_null()) return {};
  if (!value.is_scalar() || value.text.empty() || value.text.find('\0') != std::string::npos) {
    problems.add(value.place, "extends", "expected a path to one job file, got " + describe(value));
    problems.throw_if_any();
  }
  return std::pair{(file.path.parent_path() / value.text).lexically_normal(), value.place};
}

using WhyNot = std::function<std::string(const fs::path&)>;

// The file `path` with the contents `text`, and its ancestors, youngest first.
std::vector<File> load_chain(const fs::path& path, const std::string& text, const WhyNot& why_not,
                             Problems& problems) {
  std::vector<File> chain;
  chain.push_back({path, canonical_or_absolute(path), tree_of(text, path, 0, problems)});
  while (const auto extends = take_extends(chain.back(), problems)) {
    const auto& [parent, place] = *extends;
    const fs::path canonical = canonical_or_absolute(parent);
    if (std::ranges::find(chain, canonical, &File::canonical) != chain.end()) {
      problems.add(place, "extends", "expected no cycle, got " + chain_text(chain, parent));
      problems.throw_if_any();
    }
    if (chain.size() > kMostParents)
      problems.add(place, "extends",
                   "expected at most " + std::to_string(kMostParents) + " files one behind the other");
    if (const std::string why = why_not ? why_not(parent) : ""; !why.empty())
      problems.add(
          place, "extends",
          "expected a job file that may be read here, got " + in_quotes(parent.string()) + ": " + why);
    problems.throw_if_any();
    const auto [parent_text, parent_why] = read_text(parent);
    if (!parent_text)
      problems.add(place, "extends",
                   "expected a readable job file, got " + in_quotes(parent.string()) + ": " + parent_why);
    problems.throw_if_any();
    chain.push_back(
        {parent, canonical, tree_of(*parent_text, parent, static_cast<int>(chain.size()), problems)});
  }
  return chain;
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
          "expected an index below " + std::to_string(node.items.size()) + ", got " + in_quotes(key));
    return set_at(node.items[index], keys.subspan(1), std::move(value), inner, problems);
  }
  if (names_network(path)) {
    widen_network(node);
    std::erase_if(node.entries, [&](const auto& entry) {
      return (key == "path" && entry.key == "card") || (key == "card" && entry.key != "card");
    });
  }
  if (!node.is_map()) {
    Value map;
    map.kind = Value::Kind::map;
    map.place = node.is_null() ? node.place : value.place;
    node = std::move(map);
  }
  if (!value.is_null()) {
    Value over;
    over.kind = Value::Kind::map;
    over.entries.push_back({key, value.place, value});
    drop_what_is_replaced(node, over, path);
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
      std::make_shared<const Source>(Source{"--set " + printable(text), fs::current_path(), order, false});
  const auto equals = text.find('=');
  const auto keys = split_key(text.substr(0, equals));
  if (equals == std::string::npos || std::ranges::find(keys, "") != keys.end())
    return problems.add({source, 0}, "", "expected KEY=VALUE such as dream.step=2");
  if (keys.size() > static_cast<std::size_t>(kMaxDepth))
    return problems.add({source, 0}, "",
                        "expected at most " + std::to_string(kMaxDepth) + " keys in a row, got " +
                            std::to_string(keys.size()));
  const std::string yaml = text.substr(equals + 1);
  // A leading % begins a YAML directive, but here it begins a printf pattern.
  std::optional<Value> value =
      yaml.starts_with('%') ? Value::scalar(yaml) : parse_yaml(yaml, source, problems);
  if (!value) return;
  value->place.source = source;
  set_at(root, keys, std::move(*value), "", problems);
}

}  // namespace

Value tree_of_text(const std::string& yaml, const fs::path& name, Problems& problems) {
  Value tree = tree_of(yaml, name, 0, problems);
  if (const Value* const extends = tree.find("extends"); extends != nullptr && !extends->is_null()) {
    problems.add(extends->place, "extends", "expected none in a resolved job, got " + describe(*extends));
    problems.throw_if_any();
  }
  return tree;
}

Value load_tree_of_text(const std::string& text, const fs::path& path,
                        const std::vector<std::string>& overrides, const WhyNot& why_not,
                        Problems& problems) {
  auto chain = load_chain(path, text, why_not, problems);
  Value root = std::move(chain.back().tree);
  for (auto file = chain.rbegin() + 1; file != chain.rend(); ++file) merge(root, std::move(file->tree), "");
  for (std::size_t i = 0; i < overrides.size(); ++i)
    apply_override(root, overrides[i], static_cast<int>(chain.size() + i), problems);
  return root;
}

Value load_tree(const fs::path& path, const std::vector<std::string>& overrides, Problems& problems) {
  const auto [text, why] = read_text(path);
  if (!text) throw InputError(path.string() + ": cannot be read: " + why);
  return load_tree_of_text(*text, path, overrides, {}, problems);
}

}  // namespace dreamreel::job
