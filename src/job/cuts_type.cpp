#include "cuts_type.h"

#include <algorithm>

namespace dreamreel::job {
namespace {

constexpr const char* kItem = "auto, a time such as 8s or 4bar, or an expression";

// Adds one item of the list. A text that is no time is an expression.
void add_item(const Site& site, Cuts& cuts) {
  const std::string& text = site.value.text;
  if (!site.value.is_scalar() || text.empty() || text == "none") return site.expected(kItem);
  if (text == "auto") {
    cuts.found = true;
  } else if (const auto time = parse_job_time(text)) {
    cuts.times.push_back(*time);
  } else {
    try {
      curve::Expression expression(text, site.context.own_variables);
      if (expression.variables().empty())
        return site.problem("expected " + std::string(kItem) + " that reads a variable, got " +
                            describe(site.value) + ", which never changes");
      cuts.rises.push_back(std::move(expression));
    } catch (const curve::ExpressionError& error) {
      site.problem("expected " + std::string(kItem) + ", got " + describe(site.value) + ": at character " +
                   std::to_string(error.position() + 1) + ", " + error.what());
    }
  }
}

}  // namespace

bool Cuts::counts_beats() const {
  return std::ranges::any_of(times, &TimePoint::counts_beats) ||
         std::ranges::any_of(rises, &curve::Expression::counts_beats);
}

bool Cuts::uses_sound() const {
  return counts_beats() || std::ranges::any_of(rises, &curve::Expression::uses_sound);
}

bool Cuts::reads_own_variables() const {
  return std::ranges::any_of(rises, [](const auto& rise) { return !rise.own_variables().empty(); });
}

std::optional<Cuts> CutsType::read(const Site& site) const {
  Cuts cuts;
  cuts.found = false;
  if (site.value.is_list()) {
    if (!is_short_list(site, name())) return {};
    for (std::size_t i = 0; i < site.value.items.size(); ++i)
      add_item(site.at(std::to_string(i), site.value.items[i]), cuts);
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
  for (const auto& time : cuts.times) list.items.push_back(Value::scalar(to_string(time)));
  for (const auto& expression : cuts.rises) list.items.push_back(Value::scalar(expression.text()));
  return list.items.size() == 1 ? list.items.front() : list;
}

}  // namespace dreamreel::job
