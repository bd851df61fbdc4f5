#include "dreamreel/cards/labels.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <span>
#include <system_error>

#include "dreamreel/cards/class_key.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/suggest.h"
#include "words.h"

namespace dreamreel::cards {
namespace {

constexpr std::size_t kMostClasses = kMostClass + 1;
constexpr std::string_view kSpaces = " \t\r";

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kSpaces) - first + 1));
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(separator, begin), text.size());
    parts.push_back(trimmed(std::string_view(text).substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

// "n" and eight digits.
bool is_synset(const std::string& word) {
  return word.size() == 9 && word[0] == 'n' && word.find_first_not_of("0123456789", 1) == std::string::npos;
}

Label parse_label(const std::string& line) {
  Label label;
  std::string names = line;
  const auto space = line.find_first_of(kSpaces);
  if (space != std::string::npos && is_synset(line.substr(0, space))) {
    label.synset = line.substr(0, space);
    names = line.substr(space);
  }
  for (auto& name : split(names, ','))
    if (!name.empty()) label.names.push_back(std::move(name));
  if (label.names.empty()) label.names.push_back(line);
  return label;
}

// The form of a name in which names are compared.
std::string plain(std::string name) {
  for (char& c : name) c = c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

bool has_plain_name(const Label& label, const std::string& plain_name) {
  const auto is_it = [&](const std::string& name) {
    return name.size() == plain_name.size() && plain(name) == plain_name;
  };
  return is_it(label.synset) || std::ranges::any_of(label.names, is_it);
}

[[noreturn]] void throw_missing(const NetworkRef& network) {
  const bool card = network.name != network.path;
  throw UnavailableError(
      fmt::format("label file {} not found; {}give the class by its index", network.labels.string(),
                  card ? fmt::format("make it with dreamreel fetch {} or ", network.name) : ""));
}

}  // namespace

std::vector<Label> read_labels(const std::filesystem::path& path) {
  const auto [text, why] = read_text(path);
  if (!text)
    throw InputError(fmt::format("{}: expected a label file, one class a line: {}", path.string(), why));
  if (text->size() > kMaxBytes)
    throw InputError(
        fmt::format("{}: expected a label file of at most {} MiB", path.string(), kMaxBytes >> 20));
  auto lines = split(*text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.empty())
    throw InputError(path.string() + ": expected a label file, one class a line; it is empty");
  std::vector<Label> labels;
  for (const auto& line : lines) {
    if (line.empty())
      throw InputError(fmt::format("{}:{}: expected a class on every line, got an empty line", path.string(),
                                   labels.size() + 1));
    labels.push_back(parse_label(line));
    if (labels.size() > kMostClasses)
      throw InputError(fmt::format("{}: expected at most {} classes", path.string(), kMostClasses));
  }
  return labels;
}

std::vector<std::size_t> classes_called(const std::vector<Label>& labels, const std::string& name) {
  const std::string wanted = plain(name);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (has_plain_name(labels[i], wanted)) found.push_back(i);
  return found;
}

std::vector<std::string> names_of(const std::vector<Label>& labels) {
  std::vector<std::string> names;
  for (const auto& label : labels) names.insert(names.end(), label.names.begin(), label.names.end());
  return names;
}

std::int64_t find_class(const NetworkRef& network, const std::string& name) {
  if (network.labels.empty())
    throw JobError(
        fmt::format("network {} has no label file: give the class '{}' by its index, or name the file in the "
                    "card (labels: ...)",
                    network.name, name));
  std::error_code unreadable;
  if (!std::filesystem::exists(network.labels, unreadable)) throw_missing(network);
  const auto labels = read_labels(network.labels);
  const auto found = classes_called(labels, name);
  if (found.size() == 1) return static_cast<std::int64_t>(found.front());
  const std::string where = fmt::format("network {}: ", network.name);
  if (found.empty())
    throw JobError(fmt::format("{}no class is called '{}' in {}{}", where, name, network.labels.string(),
                               did_you_mean(name, names_of(labels))));
  std::string indices;
  constexpr std::size_t kMostShown = 20;
  for (const auto i : std::span(found).first(std::min(found.size(), kMostShown)))
    indices += (indices.empty() ? "" : ", ") + std::to_string(i);
  throw JobError(fmt::format("{}several classes are called '{}'; give one by its index: {}{}", where, name,
                             indices, found.size() > kMostShown ? ", ..." : ""));
}

}  // namespace dreamreel::cards
