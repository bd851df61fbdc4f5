#include <fmt/core.h>

#include <set>

#include "dreamreel/settings/table.h"

namespace dreamreel::settings {
namespace {

using curve::Ease;
using curve::Keyframe;

ChoiceType<Ease> ease_type() {
  ChoiceType<Ease> type;
  for (const auto& name : curve::ease_names()) type.choices.emplace_back(name, *curve::parse_ease(name));
  return type;
}

// Text that is not a number is an expression. An expression without variables is checked at once. Others are
// checked once their frames are known (curves.h).
std::optional<curve::Number> read_number(const Site& site, const Range& range, const std::string& what) {
  if (!site.value.is_scalar()) {
    site.expected(what);
    return {};
  }
  const auto number = parse_number(site.value.text);
  if (number && range.holds(*number)) return *number;
  if (number || site.value.text.empty()) {
    site.expected(what);
    return {};
  }
  try {
    curve::Expression expression(site.value.text, site.context.own_variables);
    if (!expression.variables().empty()) return expression;
    if (const double value = expression.at({}); !range.holds(value)) {
      site.problem(
          fmt::format("expected {}, got {}, which is {}", what, describe(site.value), to_text(value)));
      return {};
    }
    return expression;
  } catch (const curve::ExpressionError& error) {
    site.problem(fmt::format("expected {}, got {}: at character {}, {}", what, describe(site.value),
                             error.position() + 1, error.what()));
    return {};
  }
}

// {value: 1.4, ease: in_out}; `value` is read once its range is known.
struct EasedValue {
  const Value* value = nullptr;
  Ease ease = Ease::linear;
};

const Table<EasedValue>& eased_value_table() {
  static const Table<EasedValue> table = [] {
    Row<EasedValue> value;
    value.info.path = "value";
    value.read = [](const Site& site, EasedValue& target) { target.value = &site.value; };
    value.write = [](const EasedValue&) { return Value{}; };
    return Table<EasedValue>{value, field<EasedValue>("ease", &EasedValue::ease, ease_type(), "", "")};
  }();
  return table;
}

std::optional<Keyframe> read_eased_value(const Site& site, const Range& range) {
  EasedValue read;
  read_table(site, eased_value_table(), read);
  if (read.value == nullptr) {
    site.context.problems.add(site.value.place, join_path(site.path, "value"),
                              "missing; expected " + range.name());
    return {};
  }
  const auto number = read_number(site.at("value", *read.value), range, range.name() + " or an expression");
  if (!number) return {};
  return Keyframe{{}, *number, read.ease};
}

std::optional<Keyframe> read_keyframe(const Site& site, const Range& range) {
  if (site.value.is_map()) return read_eased_value(site, range);
  const auto number =
      read_number(site, range, range.name() + " or an expression, or {value: ..., ease: ...}");
  if (!number) return {};
  return Keyframe{{}, *number};
}

// The key behind which nothing comes; nullopt where frames and seconds cannot be compared.
std::optional<std::size_t> last_of(const std::vector<Keyframe>& keys) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].time.unit != keys.front().time.unit) return {};
    if (keys[i].time.value > keys[last].time.value) last = i;
  }
  return last;
}

// An ease shapes the stretch behind its key, so behind the last one it would do nothing, unnoticed.
bool eases_nothing(const Site& site, const std::vector<Keyframe>& keys) {
  const auto last = last_of(keys);
  if (!last) return false;
  const auto& entry = site.value.entries[*last];
  const Value* const ease = entry.value.find("ease");
  if (ease == nullptr || ease->is_null()) return false;
  site.context.problems.add(
      ease->place, join_path(join_path(site.path, entry.key), "ease"),
      "an ease shapes the stretch from its key to the next, and no key follows; write it "
      "at the key before");
  return true;
}

Value write_number(const curve::Number& number) {
  return Value::scalar(number.constant() ? to_text(*number.constant()) : number.expression()->text());
}

std::optional<curve::Curve> read_keyframes(const Site& site, Range range) {
  if (site.value.entries.size() > kMostItems) {
    site.problem(fmt::format("expected at most {} keyframes, got {}", kMostItems, site.value.entries.size()));
    return {};
  }
  range.whole = false;  // values between two keys are not whole, so the user of the curve rounds
  std::vector<Keyframe> keys;
  std::set<std::pair<double, TimePoint::Unit>> times;
  bool good = true;
  for (const auto& [text, place, value] : site.value.entries) {
    const Site there = site.at(text, value);
    const auto time = parse_any_time(text);
    if (!time)
      site.context.problems.add(
          place, there.path,
          "expected a time such as 4s, 00:04.5, 96f, 4bar or 2.5beat, got " + in_quotes(text));
    else if (!times.emplace(time->value, time->unit).second)
      site.context.problems.add(place, there.path,
                                fmt::format("expected each time once, got {} again", to_string(*time)));
    auto key = read_keyframe(there, range);
    good = good && time && key;
    if (!good) continue;
    key->time = *time;
    keys.push_back(*key);
  }
  good = good && !eases_nothing(site, keys);
  return good ? std::optional(curve::Curve(std::move(keys))) : std::nullopt;
}

}  // namespace

std::optional<curve::Curve> CurveType::read(const Site& site) const {
  if (site.value.is_map() && !site.value.entries.empty()) return read_keyframes(site, range);
  const auto number = read_number(site, range, name());
  if (!number) return {};
  return number->constant() ? curve::Curve(*number->constant()) : curve::Curve(*number->expression());
}

Value CurveType::write(const curve::Curve& curve) const {
  if (curve.is_constant()) return Value::scalar(to_text(curve.min()));
  if (curve.keys().empty()) return Value::scalar(curve.expressions().front()->text());
  Value map;
  map.kind = Value::Kind::map;
  map.flow = true;
  const auto last = last_of(curve.keys());
  for (std::size_t i = 0; i < curve.keys().size(); ++i) {
    const auto& key = curve.keys()[i];
    Value value = write_number(key.value);
    if (key.ease != Ease::linear && last != i) {
      Value eased;
      eased.kind = Value::Kind::map;
      eased.entries = {{"value", {}, std::move(value)},
                       {"ease", {}, Value::scalar(std::string(curve::name_of(key.ease)))}};
      value = std::move(eased);
    }
    map.entries.push_back({to_string(key.time), {}, std::move(value)});
  }
  return map;
}

}  // namespace dreamreel::settings
