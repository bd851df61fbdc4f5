#include "dreamreel/settings/types.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>

#include "dreamreel/settings/path_text.h"
#include "dreamreel/settings/picture_names.h"

namespace dreamreel::settings {

void Site::expected(const std::string& what, const std::string& hint) const {
  problem(fmt::format("expected {}, got {}{}", what, describe(value), hint));
}

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

bool is_short_list(const Site& site, const std::string& what) {
  if (!site.value.is_list() || site.value.items.empty())
    site.expected(what);
  else if (site.value.items.size() > kMostItems)
    site.problem(fmt::format("expected at most {} items, got {}", kMostItems, describe(site.value)));
  else
    return true;
  return false;
}

bool Range::holds(double number) const {
  return std::isfinite(number) && (open_min ? number > min : number >= min) && number <= max &&
         (!whole || number == std::floor(number));
}

std::string Range::name() const {
  std::string text = whole ? "a whole number" : "a number";
  if (std::isinf(min)) return text;
  const std::string low = to_text(min);
  if (std::isinf(max)) return text + (open_min ? " above " : " of at least ") + low;
  return text + (open_min ? fmt::format(" above {} and at most ", low) : fmt::format(" from {} to ", low)) +
         to_text(max);
}

std::string to_text(double number) {
  std::array<char, 32> buffer{};  // the shortest form of a double has at most 24 characters
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr};
}

std::optional<double> NumberType::read(const Site& site) const {
  const auto number = site.value.is_scalar() ? parse_number(site.value.text) : std::nullopt;
  if (number && range.holds(*number)) return number;
  site.expected(name());
  return {};
}

std::optional<std::array<double, 3>> NumbersType::read(const Site& site) const {
  if (!site.value.is_list() || site.value.items.size() != 3) {
    site.expected(name());
    return {};
  }
  std::array<double, 3> numbers{};
  bool whole = true;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto number = NumberType{range}.read(site.at(std::to_string(i), site.value.items[i]));
    whole = whole && number;
    numbers[i] = number.value_or(0);
  }
  return whole ? std::optional(numbers) : std::nullopt;
}

Value NumbersType::write(const std::array<double, 3>& numbers) const {
  Value list;
  list.kind = Value::Kind::list;
  list.flow = true;
  for (const double number : numbers) list.items.push_back(Value::scalar(to_text(number)));
  return list;
}

std::string SizeType::name() const {
  return fmt::format("a whole number from {} to {}", min, max);
}

std::optional<int> SizeType::read(const Site& site) const {
  const auto number =
      NumberType{{static_cast<double>(min), static_cast<double>(max), false, true}}.read(site);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::optional<std::uint64_t> SeedType::read(const Site& site) const {
  const std::string& text = site.value.text;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (site.value.is_scalar() && error == std::errc{} && end == text.data() + text.size()) return number;
  site.expected(name());
  return {};
}

std::optional<bool> BoolType::read(const Site& site) const {
  if (site.value.is_scalar() && site.value.text == "true") return true;
  if (site.value.is_scalar() && site.value.text == "false") return false;
  site.expected(name());
  return {};
}

std::optional<std::string> TextType::read(const Site& site) const {
  // A zero byte would end the text early in every C library.
  const bool readable =
      site.value.is_scalar() && !site.value.text.empty() && site.value.text.find('\0') == std::string::npos;
  if (readable && (valid == nullptr || valid(site.value.text))) return site.value.text;
  site.expected(name());
  return {};
}

std::optional<std::vector<std::string>> TextsType::read(const Site& site) const {
  if (site.value.is_list() && site.value.items.empty()) return std::vector<std::string>{};
  if (!is_short_list(site, name())) return {};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < site.value.items.size(); ++i)
    if (auto text = TextType{"a name"}.read(site.at(std::to_string(i), site.value.items[i])))
      texts.push_back(std::move(*text));
  return texts;
}

Value TextsType::write(const std::vector<std::string>& texts) const {
  Value list;
  if (texts.empty()) return list;
  list.kind = Value::Kind::list;
  list.flow = true;
  for (const auto& text : texts) list.items.push_back(Value::scalar(text));
  return list;
}

std::optional<std::map<std::string, std::string>> OptionsType::read(const Site& site) const {
  if (!site.value.is_map()) {
    site.expected(name());
    return {};
  }
  std::map<std::string, std::string> options;
  for (const auto& entry : site.value.entries) {
    if (entry.value.is_null()) continue;  // taken back by ~
    if (auto text = TextType{"a number or text"}.read(site.at(entry.key, entry.value)))
      options[entry.key] = std::move(*text);
  }
  return options;
}

Value OptionsType::write(const std::map<std::string, std::string>& options) const {
  Value map;
  if (options.empty()) return map;
  map.kind = Value::Kind::map;
  map.flow = true;
  for (const auto& [key, text] : options) map.entries.push_back({key, {}, Value::scalar(text)});
  return map;
}

std::optional<std::filesystem::path> PathType::read(const Site& site) const {
  const auto text = TextType{name()}.read(site);
  if (!text) return {};
  if (const std::string why = why_no_path(*text); !why.empty()) {
    site.problem(why);
    return {};
  }
  return with_printf_number((site.value.place.source->folder / with_home(*text)).lexically_normal());
}

std::optional<TimePoint> parse_any_time(const std::string& text) {
  constexpr double kShortest = 1e-6, kLongest = 1e9;  // to_string() is exact for every time in this range
  const auto time = parse_time_on_sound(text);
  if (!time || time->value > kLongest || (time->value != 0 && time->value < kShortest)) return {};
  return time;
}

std::optional<TimePoint> TimeType::read(const Site& site) const {
  const auto time = site.value.is_scalar() ? parse_any_time(site.value.text) : std::nullopt;
  if (time && time->counts_beats())
    return site.problem(fmt::format("expected a time in seconds or frames, got {}; beats and bars are times "
                                    "in keyframes, temporal.cuts and --frames alone",
                                    describe(site.value))),
           std::nullopt;
  if (time && (!positive || time->value > 0)) return time;
  site.expected(name());
  return {};
}

std::optional<Rational> RateType::read(const Site& site) const {
  const auto rate = site.value.is_scalar() ? parse_rate(site.value.text) : std::nullopt;
  if (!rate) site.expected(name());
  return rate;
}

std::optional<std::int64_t> BitrateType::read(const Site& site) const {
  constexpr double kLeast = 6000, kMost = 2'000'000;
  std::string text = site.value.text;
  const bool is_kilo = text.ends_with('k');
  if (is_kilo) text.pop_back();
  const auto number = site.value.is_scalar() ? parse_number(text) : std::nullopt;
  const double bits = number.value_or(0) * (is_kilo ? 1000 : 1);
  if (bits >= kLeast && bits <= kMost && bits == std::floor(bits)) return static_cast<std::int64_t>(bits);
  site.expected(name());
  return {};
}

Value BitrateType::write(const std::int64_t& bits) const {
  return Value::scalar(bits % 1000 == 0 ? fmt::format("{}k", bits / 1000) : std::to_string(bits));
}

Value RateType::write(const Rational& rate) const {
  std::string text = std::to_string(rate.num);
  if (rate.den != 1) text += fmt::format("/{}", rate.den);
  return Value::scalar(text);
}

}  // namespace dreamreel::settings
