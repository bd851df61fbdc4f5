#include "dreamreel/settings/value.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "dreamreel/core/printable.h"
#include "dreamreel/settings/problems.h"

namespace dreamreel::settings {
namespace {

constexpr const char* kBinaryTag = "tag:yaml.org,2002:binary";

// A short value costs 1. Longer texts cost more, so that repeating a text is bounded like repeating many
// values.
int cost_of(std::size_t text_bytes) {
  constexpr std::size_t kFreeBytes = 64;
  return 1 + static_cast<int>(text_bytes / kFreeBytes);
}

int cost_of(const Value& value) {
  int cost = cost_of(value.text.size());
  for (const auto& item : value.items) cost += cost_of(item);
  for (const auto& entry : value.entries) cost += cost_of(entry.key.size()) + cost_of(entry.value);
  return cost;
}

int depth_of(const Value& value) {
  int deepest = 0;
  for (const auto& item : value.items) deepest = std::max(deepest, depth_of(item));
  for (const auto& entry : value.entries) deepest = std::max(deepest, depth_of(entry.value));
  return deepest + 1;
}

// Builds the tree from the parser's events. Unlike YAML::Node, the events keep duplicate keys, and limits
// apply while an alias is being expanded.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::shared_ptr<const Source> source, const std::string& text)
      : source_(std::move(source)), text_(text) {}

  /// The tree, once the parser has finished. Throws for a key that is a list, a map or null. It throws only
  /// now, because after a syntax error, the parser reports such keys before the error itself.
  Value take() {
    if (strange_key_) throw YAML::ParserException(*strange_key_, "a key must be a plain word");
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_.place.source) throw YAML::ParserException(mark, "more than one document");
    root_.place = place(mark);
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Value value = make(Value::Kind::null, mark);
    // The parser reports a key without a value and a key with ~ alike, so the text is checked.
    value.is_tilde = stands_in_text("~", mark) || stands_in_text("null", mark);
    add(std::move(value), anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw YAML::ParserException(mark, "an alias inside what it repeats");
    charge(cost_of(found->second), mark);
    check_depth(static_cast<int>(stack_.size()) + depth_of(found->second), mark);
    attach(found->second, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    Value value = make(Value::Kind::scalar, mark);
    value.text = tag == kBinaryTag ? decoded(text, mark) : text;
    add(std::move(value), anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Value::Kind::list, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Value::Kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Value value;
    YAML::anchor_t anchor = 0;
    YAML::Mark mark;
    std::optional<std::pair<std::string, Place>> key;  // for a map: a key whose value has not been read yet
  };

  bool stands_in_text(std::string_view word, const YAML::Mark& mark) const {
    const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
    return at < text_.size() && text_.compare(at, word.size(), word) == 0;
  }

  Place place(const YAML::Mark& mark) const { return {source_, mark.line + 1}; }

  Value make(Value::Kind kind, const YAML::Mark& mark) const {
    Value value;
    value.kind = kind;
    value.place = place(mark);
    return value;
  }

  void open(Value::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    check_depth(static_cast<int>(stack_.size()) + 1, mark);
    stack_.push_back({make(kind, mark), anchor, mark, {}});
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    add(std::move(done.value), done.anchor, done.mark);
  }

  void add(Value value, YAML::anchor_t anchor, const YAML::Mark& mark) {
    charge(cost_of(value.text.size()), mark);
    if (anchor != 0) {
      charge(cost_of(value), mark);
      anchors_[anchor] = value;
    }
    attach(std::move(value), mark);
  }

  // Adds a finished value to the open container, or makes it the root.
  void attach(Value value, const YAML::Mark& mark) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return;
    }
    auto& [container, own_anchor, own_mark, key] = stack_.back();
    if (container.is_list()) {
      container.items.push_back(std::move(value));
    } else if (!key) {
      if (!value.is_scalar() && !strange_key_) strange_key_ = mark;
      key.emplace(value.text, value.place);
    } else {
      container.entries.push_back({key->first, key->second, std::move(value)});
      key.reset();
    }
  }

  void charge(int cost, const YAML::Mark& mark) {
    cost_ += cost;
    if (cost_ > kMaxNodes) throw YAML::ParserException(mark, fmt::format("more than {} values", kMaxNodes));
  }

  // yaml-cpp looks each character up in a table of 256 entries, and the index is a char, which may be
  // negative. So bytes outside ASCII must not reach it.
  static std::string decoded(const std::string& text, const YAML::Mark& mark) {
    const bool is_ascii = std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
    const auto bytes = is_ascii ? YAML::DecodeBase64(text) : std::vector<unsigned char>();
    if (bytes.empty()) throw YAML::ParserException(mark, "a !!binary that is not in base64");
    return {bytes.begin(), bytes.end()};
  }

  static void check_depth(int depth, const YAML::Mark& mark) {
    if (depth > kMaxDepth)
      throw YAML::ParserException(mark, fmt::format("more than {} levels deep", kMaxDepth));
  }

  std::shared_ptr<const Source> source_;
  const std::string& text_;
  Value root_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Value> anchors_;
  std::optional<YAML::Mark> strange_key_;
  int cost_ = 0;
};

// Inside brackets, yaml-cpp reads far ahead and keeps everything. The count ignores quotes, so the limit is
// generous.
bool has_endless_brackets(const std::string& text) {
  constexpr int kMost = 64 * kMaxDepth;
  int depth = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (depth > kMost) return true;
  }
  return false;
}

void drop_duplicates(Value& value, const std::string& path, Problems& problems) {
  for (std::size_t i = 0; i < value.items.size(); ++i)
    drop_duplicates(value.items[i], join_path(path, std::to_string(i)), problems);
  std::map<std::string, int> first_lines;
  std::erase_if(value.entries, [&](const Value::Entry& entry) {
    const auto [first, fresh] = first_lines.try_emplace(entry.key, entry.place.line);
    if (!fresh)
      problems.add(entry.place, join_path(path, entry.key),
                   fmt::format("expected each key once, got it again (first on line {})", first->second));
    return !fresh;
  });
  for (auto& entry : value.entries) drop_duplicates(entry.value, join_path(path, entry.key), problems);
}

// YAML is UTF-8, but names of files need not be. Such names are written as !!binary, so that they come back
// byte for byte.
void emit_text(YAML::Emitter& out, const std::string& text) {
  if (is_utf8(text))
    out << text;
  else
    out << YAML::Binary(reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

void emit_into(YAML::Emitter& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      out << YAML::Null;
      return;
    case Value::Kind::scalar:
      emit_text(out, value.text);
      return;
    case Value::Kind::list:
      out << (value.flow ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
      for (const auto& item : value.items) emit_into(out, item);
      out << YAML::EndSeq;
      return;
    case Value::Kind::map:
      out << (value.flow ? YAML::Flow : YAML::Block) << YAML::BeginMap;
      for (const auto& entry : value.entries) {
        out << YAML::Key;
        emit_text(out, entry.key);
        out << YAML::Value;
        emit_into(out, entry.value);
      }
      out << YAML::EndMap;
      return;
  }
}

std::string_view line_of(std::string_view text, int number) {
  for (int line = 1; line < number && !text.empty(); ++line)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find('\n'));
}

bool is_indented_with_tab(std::string_view line) {
  const auto indentation = line.substr(0, line.find_first_not_of(" \t"));
  return indentation.size() < line.size() && indentation.find('\t') != std::string_view::npos;
}

// What people most often did where the parser says this.
std::string hint_for(const std::string& message, std::string_view line) {
  if (message.find("end of map not found") != std::string::npos ||
      message.find("end of sequence not found") != std::string::npos)
    return "; the line is indented like none above it: give keys that belong together the same number of "
           "spaces";
  if (message.find("flow not found") != std::string::npos)
    return "; a bracket or a quote that is opened on this line or above is not closed, or a text with ': ' "
           "in it needs quotes";
  if (message.find("illegal map value") != std::string::npos)
    return "; the line is indented too far, or holds a text with ': ' in it, which needs quotes";
  if (message.find("unknown escape") != std::string::npos)
    return "; write the text in single quotes, where a backslash is nothing special";
  if (const auto first = line.find_first_not_of(' ');
      first != std::string_view::npos && std::string_view("@`%").find(line[first]) != std::string_view::npos)
    return "; a text that begins with this sign needs quotes";
  return "";
}

// The line, from 1, and what is wrong there. The parser takes a tab for the text of the line before, and
// complains of what follows from that.
std::pair<int, std::string> explained(const YAML::Exception& error, const std::string& text) {
  constexpr int kMostLines = 10'000;  // looked at for tabs
  const int place = std::max(error.mark.line, 0) + 1;
  std::string_view rest = text;
  for (int line = 1; line <= std::min(place + 1, kMostLines) && !rest.empty(); ++line) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (is_indented_with_tab(rest.substr(0, end)))
      return {line, error.msg + "; the line is indented with a tab, and YAML takes spaces alone"};
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {place, error.msg + hint_for(error.msg, line_of(text, place))};
}

}  // namespace

Value Value::scalar(std::string text) {
  Value value;
  value.kind = Kind::scalar;
  value.text = std::move(text);
  return value;
}

const Value* Value::find(const std::string& key) const {
  const auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &found->value;
}

Value* Value::find(const std::string& key) {
  const auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &found->value;
}

int age(const Place& place) {
  if (!place.source) return 0;
  return place.source->has_lines ? place.source->order : -1 - place.source->order;
}

const Value* said(const Value& map, const std::string& key) {
  const Value* const value = map.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const Value* said(const Value& root, const std::string& section, const std::string& key) {
  const Value* const map = root.find(section);
  return map == nullptr ? nullptr : said(*map, key);
}

bool says(const Value& map, const std::string& key) {
  return said(map, key) != nullptr;
}

void drop(Value& map, std::initializer_list<std::string_view> keys) {
  std::erase_if(map.entries,
                [&](const auto& entry) { return std::ranges::find(keys, entry.key) != keys.end(); });
}

std::optional<Value> parse_yaml(const std::string& text, const std::shared_ptr<const Source>& source,
                                Problems& problems) {
  if (text.size() > kMaxBytes) {
    problems.add({source, 1}, "", fmt::format("expected at most {} MiB of YAML", kMaxBytes >> 20));
    return {};
  }
  if (has_endless_brackets(text)) {
    problems.add({source, 1}, "", fmt::format("not valid YAML: more than {} levels deep", kMaxDepth));
    return {};
  }
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    Builder builder(source, text);
    parser.HandleNextDocument(builder);
    parser.HandleNextDocument(builder);  // a second document raises the error
    Value root = builder.take();
    if (!root.place.source) root.place = {source, 1};
    drop_duplicates(root, "", problems);
    return root;
  } catch (const YAML::Exception& error) {
    const auto [line, message] = explained(error, text);
    problems.add({source, line}, "", "not valid YAML: " + message);
    return {};
  }
}

std::string emit(const Value& value) {
  YAML::Emitter out;
  emit_into(out, value);
  return out.c_str();
}

std::string emit_inline(Value value) {
  value.flow = true;
  return value.is_null() ? "" : emit(value);
}

}  // namespace dreamreel::settings
