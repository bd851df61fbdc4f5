#include "dreamreel/settings/problems.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "dreamreel/core/error.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/core/suggest.h"

namespace dreamreel::settings {
namespace {

constexpr std::size_t kMaxLines = 100;        // of one report
constexpr std::size_t kMaxQuotedBytes = 200;  // of a value in a message

bool looks_like_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string::npos &&
         std::ranges::any_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

// A key that is right, in the wrong place: "; did you mean 'camera.zoom'?" for "zoom".
std::string keys_elsewhere(const std::string& key, const std::vector<KeyInfo>& keys) {
  constexpr std::size_t kMost = 3;  // names such as path, which many sections have, lead nowhere
  std::vector<std::string> found;
  for (const auto& one : keys)
    if (one.path.ends_with("." + key) && one.path.find(".N.") == std::string::npos &&
        one.path.find(".NAME.") == std::string::npos)
      found.push_back(one.path);
  if (found.empty() || found.size() > kMost) return "";
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i)
    text += (i == 0 ? "" : i + 1 == found.size() ? " or " : ", ") + in_quotes(found[i]);
  return fmt::format("; did you mean {}?", text);
}

}  // namespace

std::string shortened(std::string text) {
  if (text.size() > kMaxQuotedBytes) {
    std::size_t end = kMaxQuotedBytes;
    // Keeps UTF-8 characters whole.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end) + "...";
  }
  return printable(text);
}

void Problems::add(const Place& place, const std::string& path, const std::string& message) {
  Problem problem{"", 0, place_text(place), printable(path), printable(message)};
  if (place.source && place.source->has_lines) {
    problem.file = place.source->label;
    problem.line = place.line;
  }
  const std::string text = (problem.place.empty() ? "" : problem.place + ": ") +
                           (path.empty() ? "" : shortened(path) + ": ") + message;
  lines_.push_back({place.source ? place.source->order : 0, place.line, printable(text), std::move(problem)});
}

void Problems::add_briefly_when_many(const Place& place, const std::string& path, const std::string& message,
                                     const std::function<std::string()>& hint) {
  add(place, path, message + (lines_.size() < kMaxLines ? hint() : ""));
}

void Problems::throw_if_any() const {
  if (lines_.empty()) return;
  auto lines = lines_;
  std::ranges::stable_sort(lines, [](const Line& a, const Line& b) {
    return a.order != b.order ? a.order < b.order : a.line < b.line;
  });
  std::string message;
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < std::min(lines.size(), kMaxLines); ++i) {
    message += (i == 0 ? "" : "\n") + lines[i].text;
    problems.push_back(lines[i].problem);
  }
  if (lines.size() > kMaxLines) message += fmt::format("\nand {} more", lines.size() - kMaxLines);
  throw SettingsError(message, std::move(problems));
}

std::string place_text(const Place& place) {
  if (!place.source || place.source->label.empty()) return "";
  return place.source->label + (place.source->has_lines ? fmt::format(":{}", place.line) : "");
}

std::string join_path(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

std::string in_quotes(const std::string& text) {
  return "'" + shortened(text) + "'";
}

std::string join_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string unknown_key_hint(const std::string& key, const std::vector<std::string>& names,
                             const std::vector<KeyInfo>* keys) {
  constexpr std::size_t kLongestKey = 64;  // the search is quadratic, and no real key is nearly this long
  if (key.size() > kLongestKey) return "; the keys here are " + join_names(names);
  if (const std::string elsewhere = keys == nullptr ? "" : keys_elsewhere(key, *keys); !elsewhere.empty())
    return elsewhere;
  const std::string near = did_you_mean(key, names);
  return near.empty() ? "; the keys here are " + join_names(names) : near;
}

std::string describe(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return "nothing";
    case Value::Kind::list:
      return value.items.empty() ? "an empty list" : fmt::format("a list of {}", value.items.size());
    case Value::Kind::map:
      return value.entries.empty() ? "an empty map" : "a map";
    case Value::Kind::scalar:
      return looks_like_number(value.text) ? shortened(value.text) : in_quotes(value.text);
  }
  return "";
}

}  // namespace dreamreel::settings
