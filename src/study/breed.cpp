#include "dreamreel/study/breed.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <random>
#include <utility>

#include "dreamreel/core/digest.h"
#include "dreamreel/core/error.h"
#include "dreamreel/job/schema.h"
#include "dreamreel/settings/key_info.h"

namespace dreamreel::study {
namespace {

constexpr const char* kSeed = "seed";
constexpr int kLargestSeed = 9999;
constexpr double kLargestChange = 0.25;  // share of a number by which it may change

// A number that depends on the parents alone. The engine's numbers are the standard's, unlike those of
// std::uniform_real_distribution.
class Dice {
 public:
  explicit Dice(const std::string& text) {
    constexpr std::size_t kDigits = 16;
    constexpr int kHexadecimal = 16;
    std::uint64_t seed = 0;
    const std::string digits = sha256_hex(text).substr(0, kDigits);
    std::from_chars(digits.data(), digits.data() + digits.size(), seed, kHexadecimal);
    engine_.seed(seed);
  }
  double share() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }  // in [0,1)
  bool says_yes(double share_of_yes) { return share() < share_of_yes; }
  int number(int most) { return static_cast<int>(share() * (most + 1)); }  // from 0 to most

 private:
  std::mt19937_64 engine_;
};

struct Gene {
  std::string key;
  std::string first, second;  // the values of the parents
};

std::pair<std::string, std::string> parsed(const std::string& override) {
  const auto equals = override.find('=');
  if (equals == std::string::npos || equals == 0)
    throw UsageError("a variation: expected overrides such as dream.step=2, got '" + override + "'");
  return {override.substr(0, equals), override.substr(equals + 1)};
}

// A parent that does not name a key leaves it to the other one.
std::vector<Gene> genes_of(const std::vector<std::string>& first, const std::vector<std::string>& second) {
  std::vector<Gene> genes;
  for (const auto* const parent : {&first, &second})
    for (const auto& override : *parent) {
      const auto [key, value] = parsed(override);
      const auto known = std::ranges::find(genes, key, &Gene::key);
      if (known == genes.end())
        genes.push_back({key, value, value});
      else
        (parent == &first ? known->first : known->second) = value;
    }
  if (genes.empty()) throw UsageError("a variation: expected at least one override, such as seed=2");
  return genes;
}

std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const auto [rest, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc{} || rest != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

// "dream.objectives.0.weight" is described as "dream.objectives.N.weight".
settings::KeyShape shape_of(const std::string& key) {
  std::string path;
  for (std::size_t begin = 0; begin <= key.size();) {
    const auto end = std::min(key.find('.', begin), key.size());
    const std::string step = key.substr(begin, end - begin);
    const bool is_index =
        !step.empty() && std::ranges::all_of(step, [](unsigned char c) { return std::isdigit(c) != 0; });
    path += (begin == 0 ? "" : ".") + (is_index ? "N" : step);
    begin = end + 1;
  }
  const auto& keys = job::schema();
  const auto found = std::ranges::find(keys, path, &settings::KeyInfo::path);
  return found == keys.end() ? settings::KeyShape{} : found->shape;
}

std::string text_of(double value, bool is_whole) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), is_whole ? "%.0f" : "%.3g", value);
  return text.data();
}

// A number near another one, within the range of its key.
std::string changed(double value, const std::string& key, Dice& dice) {
  const auto shape = shape_of(key);
  double now = value * (1 + kLargestChange * (dice.share() + dice.share() - 1));
  if (shape.whole && std::round(now) == value && dice.says_yes(0.5))
    now = value + (dice.says_yes(0.5) ? 1 : -1);
  if (shape.whole) now = std::round(now);
  now = std::clamp(now, shape.min, shape.max);
  if (shape.open_min && now <= shape.min) now = value;
  return text_of(now, shape.whole);
}

std::string value_of_child(const Gene& gene, Dice& dice) {
  constexpr double kBetween = 1.0 / 3, kNewSeed = 1.0 / 3;
  const std::string& taken = dice.says_yes(0.5) ? gene.first : gene.second;
  if (gene.key == kSeed) return dice.says_yes(kNewSeed) ? std::to_string(dice.number(kLargestSeed)) : taken;
  const auto a = number_in(gene.first), b = number_in(gene.second);
  if (!a || !b) return taken;
  const double middle = *a > 0 && *b > 0 ? std::sqrt(*a * *b) : (*a + *b) / 2;
  const double value = dice.says_yes(kBetween) ? middle : number_in(taken).value_or(*a);
  return changed(value, gene.key, dice);
}

std::vector<std::string> child_of(const std::vector<Gene>& genes, Dice& dice, bool needs_seed) {
  std::vector<std::string> child;
  for (const auto& gene : genes)
    child.push_back(gene.key + "=" +
                    (needs_seed && gene.key == kSeed ? std::to_string(dice.number(kLargestSeed))
                                                     : value_of_child(gene, dice)));
  const bool has_seed = std::ranges::find(genes, kSeed, &Gene::key) != genes.end();
  if (needs_seed && !has_seed) child.push_back(kSeed + ("=" + std::to_string(dice.number(kLargestSeed))));
  return child;
}

}  // namespace

std::vector<std::vector<std::string>> breed(const std::vector<std::string>& first,
                                            const std::vector<std::string>& second, std::size_t count) {
  constexpr int kTriesWithoutSeed = 8;
  const auto genes = genes_of(first, second);
  std::string text;
  for (const auto& gene : genes) text += gene.key + "=" + gene.first + "\n" + gene.second + "\n";
  Dice dice(text);
  // Everything that a child must not be: its parents, and its siblings.
  std::vector<std::vector<std::string>> known(2);
  for (const auto& gene : genes) {
    known[0].push_back(gene.key + "=" + gene.first);
    known[1].push_back(gene.key + "=" + gene.second);
  }
  for (int tries = 0; known.size() < count + 2;) {
    auto child = child_of(genes, dice, tries >= kTriesWithoutSeed);
    if (std::ranges::find(known, child) != known.end()) {
      ++tries;
      continue;
    }
    tries = 0;
    known.push_back(std::move(child));
  }
  return {known.begin() + 2, known.end()};
}

}  // namespace dreamreel::study
