#include "dreamreel/core/suggest.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <utility>

namespace dreamreel {
namespace {

// Names may come from a stranger's file, and comparing two names takes the product of their lengths.
constexpr std::size_t kLongestComparedName = 128, kMostCandidates = 10'000;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

}  // namespace

std::size_t edit_distance(std::string_view a_text, std::string_view b_text) {
  const std::string a = lower(a_text);
  const std::string b = lower(b_text);
  std::vector<std::size_t> before_previous(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substitution});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before_previous[j - 2] + 1);
    }
    std::swap(before_previous, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::vector<std::string> closest_names(std::string_view name, const std::vector<std::string>& candidates,
                                       std::size_t limit) {
  if (name.size() > kLongestComparedName) return {};
  const std::string wanted = lower(name);
  std::vector<std::pair<double, const std::string*>> ranked;
  const std::size_t count = std::min(candidates.size(), kMostCandidates);
  for (const auto& candidate : std::span(candidates).first(count)) {
    if (candidate.size() > kLongestComparedName) continue;
    const std::string have = lower(candidate);
    auto distance = static_cast<double>(edit_distance(wanted, have));
    const double length = static_cast<double>(std::max(wanted.size(), have.size()));
    const bool contained = wanted.size() > 2 && have.size() > 2 &&
                           (have.find(wanted) != std::string::npos || wanted.find(have) != std::string::npos);
    if (contained) distance = std::min(distance, 1.0 + distance / (length + 1));
    if (distance <= length / 2) ranked.emplace_back(distance, &candidate);
  }
  std::ranges::stable_sort(ranked, {}, [](const auto& entry) { return entry.first; });
  std::vector<std::string> names;
  for (const auto& [distance, candidate] : ranked) {
    if (names.size() == limit) break;
    if (std::ranges::find(names, *candidate) == names.end()) names.push_back(*candidate);
  }
  return names;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const auto names = closest_names(name, candidates);
  if (names.empty()) return "";
  std::string text = "; did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += "'" + names[i] + "'";
  }
  return text + "?";
}

}  // namespace dreamreel
