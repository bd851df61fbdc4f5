#include "cuts_type.h"

#include <fmt/core.h>

namespace dreamreel::job {
namespace {

constexpr const char* kItem = "auto, a time such as 8s or 4bar, or an expression";
constexpr const char* kTimeOnSound = "a time such as 8s, 96f or 4bar";
constexpr const char* kFaded = "a map with the keys at and crossfade";

std::optional<TimePoint> time_in(const Site& site, const char* key, bool is_length) {
  const Value* const value = site.value.find(key);
  Value nothing;
  nothing.place = site.value.place;
  return read_time_on_sound(site.at(key, value == nullptr ? nothing : *value), is_length);
}

// {at: 16bar, crossfade: 1beat}
void add_faded(const Site& site, Cuts& cuts) {
  for (const auto& entry : site.value.entries)
    if (entry.key != "at" && entry.key != "crossfade") {
      site.context.problems.add(entry.place, join_path(site.path, entry.key),
                                "unknown key; expected " + std::string(kFaded));
      return;
    }
  const auto time = time_in(site, "at", false);
  const auto fade = time_in(site, "crossfade", true);
  if (!time || !fade) return;
  cuts.times.push_back(*time);
  cuts.fades.push_back(*fade);
}

// Adds one item of the list. A text that is no time is an expression.
void add_item(const Site& site, Cuts& cuts) {
  const std::string& text = site.value.text;
  if (site.value.is_map() && !site.value.entries.empty()) return add_faded(site, cuts);
  if (!site.value.is_scalar() || text.empty() || text == "none") return site.expected(kItem);
  if (text == "auto") {
    cuts.found = true;
  } else if (const auto time = parse_any_time(text)) {
    cuts.times.push_back(*time);
    cuts.fades.emplace_back();
  } else {
    try {
      curve::Expression expression(text, site.context.own_variables);
      if (expression.variables().empty())
        return site.problem(fmt::format("expected {} that reads a variable, got {}, which never changes",
                                        kItem, describe(site.value)));
      cuts.rises.push_back(std::move(expression));
    } catch (const curve::ExpressionError& error) {
      site.problem(fmt::format("expected {}, got {}: at character {}, {}", kItem, describe(site.value),
                               error.position() + 1, error.what()));
    }
  }
}

Value written(const TimePoint& time, const std::optional<TimePoint>& fade) {
  if (!fade) return Value::scalar(to_string(time));
  Value map;
  map.kind = Value::Kind::map;
  map.flow = true;
  map.entries.push_back({"at", {}, Value::scalar(to_string(time))});
  map.entries.push_back({"crossfade", {}, Value::scalar(to_string(*fade))});
  return map;
}

}  // namespace

std::optional<TimePoint> read_time_on_sound(const Site& site, bool is_length) {
  const auto time = site.value.is_scalar() ? parse_any_time(site.value.text) : std::nullopt;
  if (time && (!is_length || time->value > 0)) return time;
  site.expected(is_length ? kFadeWhat : kTimeOnSound);
  return {};
}

std::optional<Cuts> CutsType::read(const Site& site) const {
  Cuts cuts;
  cuts.found = false;
  if (site.value.is_list()) {
    if (!is_short_list(site, name())) return {};
    for (std::size_t i = 0; i < site.value.items.size(); ++i)
      add_item(site.at(std::to_string(i), site.value.items[i]), cuts);
  } else if (site.value.is_map()) {
    add_faded(site, cuts);
  } else if (!site.value.is_scalar() || site.value.text.empty()) {
    site.expected(name());
    return {};
  } else if (site.value.text != "none") {
    add_item(site, cuts);
  }
  return cuts;
}

Value CutsType::write(const Cuts& cuts) const {
  if (!cuts.is_asked()) return Value::scalar(cuts.found ? "auto" : "none");
  Value list;
  list.kind = Value::Kind::list;
  list.flow = true;
  if (cuts.found) list.items.push_back(Value::scalar("auto"));
  for (std::size_t i = 0; i < cuts.times.size(); ++i)
    list.items.push_back(written(cuts.times[i], i < cuts.fades.size() ? cuts.fades[i] : std::nullopt));
  for (const auto& expression : cuts.rises) list.items.push_back(Value::scalar(expression.text()));
  return list.items.size() == 1 ? list.items.front() : list;
}

}  // namespace dreamreel::job
